import type { ServerResponse } from 'node:http'
import type { Hub, Meter, PublishedEvent, Replay } from './server-side.ts'

/** Events in one answer, bytes, about; more of them are for the next request. */
export const MAX_ANSWER_BYTES = 1024 * 1024
/** A body from here on is one buffer for all who get it, though Node writes it apart from the head. */
const LARGE_CHARACTERS = 64 * 1024

// A broadcast answers thousands of parked polls with one and the same body.
let knownReplay: Replay | null = null
let knownLastEventId = ''
let knownBody: string | Buffer = ''
let knownBytes = 0

/**
 * Answers a poll with what it missed: `{"events":[{"id","type","data"}],"lastEventId"}`, with
 * `"gap":true` first where the log could not replay everything. `lastEventId` is the cursor for
 * the next request, which gets what did not fit.
 */
export function answerPoll(response: ServerResponse, replay: Replay, hub: Hub, meter: Meter): void {
  const { events, gap, isWhole } = replay
  if (gap) meter.gapSignals++
  meter.deliveries += events.length
  const lastEventId = isWhole ? hub.lastEventId : (events.at(-1)?.id ?? '')
  if (replay !== knownReplay || lastEventId !== knownLastEventId) {
    const body = encode(events, gap, lastEventId)
    knownReplay = replay
    knownLastEventId = lastEventId
    knownBody = body.length < LARGE_CHARACTERS ? body : Buffer.from(body)
    knownBytes = Buffer.byteLength(knownBody)
  }
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': knownBytes,
    'Cache-Control': 'no-store',
  })
  // Of a text Node makes one write together with the head.
  response.end(knownBody)
  // Rarely: what the kernel takes at once need not be watched.
  if ((response.socket?.writableLength ?? 0) > 0) watchUnread(response, hub, meter)
}

/** Closes the connection of somebody who asks and does not read the answer. */
function watchUnread(response: ServerResponse, hub: Hub, meter: Meter): void {
  const timer = setTimeout(() => {
    meter.slowConsumers++
    response.destroy()
  }, hub.limits.answerMs)
  response.once('close', () => clearTimeout(timer))
}

function encode(events: readonly PublishedEvent[], gap: boolean, lastEventId: string): string {
  return `{${gap ? '"gap":true,' : ''}"events":[${events.map(encodeEvent).join()}],"lastEventId":"${lastEventId}"}`
}

function encodeEvent(event: PublishedEvent): string {
  const type = event.type === null ? '' : `"type":${JSON.stringify(event.type)},`
  return `{"id":"${event.id}",${type}"data":${JSON.stringify(event.data)}}`
}
