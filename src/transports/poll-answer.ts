import type { ServerResponse } from 'node:http'
import type { Hub, Meter, PublishedEvent, Replay } from './server-side.ts'

/** Characters of events in one answer, about; more of them are for the next request. */
const MAX_ANSWER_CHARACTERS = 1024 * 1024
/** What an event takes beside its data. */
const FRAME_CHARACTERS = 64

// A broadcast answers thousands of parked polls with one and the same body.
let knownEvent: PublishedEvent | null = null
let knownLastEventId = ''
let knownBody = ''
let knownBytes = 0

/**
 * Answers a poll with what it missed: `{"events":[{"id","type","data"}],"lastEventId"}`, with
 * `"gap":true` first where the log could not replay everything. `lastEventId` is the cursor for
 * the next request.
 */
export function answerPoll(response: ServerResponse, replay: Replay, hub: Hub, meter: Meter): void {
  if (replay.gap) meter.gapSignals++
  const { events } = replay
  const count = answerable(events)
  meter.deliveries += count
  if (events.length === 1 && !replay.gap) {
    const [event] = events as readonly [PublishedEvent]
    if (event !== knownEvent || hub.lastEventId !== knownLastEventId) {
      knownEvent = event
      knownLastEventId = hub.lastEventId
      knownBody = encode(events, false, knownLastEventId)
      knownBytes = Buffer.byteLength(knownBody)
    }
    send(response, knownBody, knownBytes)
  } else {
    const first = count < events.length ? events.slice(0, count) : events
    // What did not fit comes after the last one that did.
    const lastEventId = first === events ? hub.lastEventId : (first.at(-1)?.id ?? '')
    const body = encode(first, replay.gap, lastEventId)
    send(response, body, Buffer.byteLength(body))
  }
  // Rarely: what the kernel takes at once need not be watched.
  const { socket } = response
  if (socket === null) response.once('socket', () => watchUnread(response, hub, meter))
  else if (socket.writableLength > 0) watchUnread(response, hub, meter)
}

/** How many of the events go into one answer: one at least. */
function answerable(events: readonly PublishedEvent[]): number {
  if (events.length < 2) return events.length
  let characters = 0
  let count = 0
  for (const { data } of events) {
    characters += data.length + FRAME_CHARACTERS
    if (count > 0 && characters > MAX_ANSWER_CHARACTERS) break
    count++
  }
  return count
}

function send(response: ServerResponse, body: string, bytes: number): void {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': bytes,
    'Cache-Control': 'no-store',
  })
  // Of a text Node makes one write together with the head; of a buffer it would make two.
  response.end(body)
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
