import type { ServerResponse } from 'node:http'
import type { PublishedEvent, Replay } from './transport.ts'

// A broadcast answers thousands of parked polls with one and the same body.
let knownEvent: PublishedEvent | null = null
let knownLastEventId = ''
let knownBody = ''

/**
 * Answers a poll: `{"events":[{"id","type","data"}],"lastEventId"}`, with `"gap":true` first where
 * the log could not replay everything. `lastEventId` is the cursor for the next request.
 */
export function answerPoll(response: ServerResponse, replay: Replay, lastEventId: string): void {
  const body = pollBody(replay, lastEventId)
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  // Of a text Node makes one write together with the head; of a buffer it would make two.
  response.end(body)
}

function pollBody(replay: Replay, lastEventId: string): string {
  const [event] = replay.events
  if (event === undefined || replay.events.length > 1 || replay.gap) {
    return encode(replay, lastEventId)
  }
  if (event !== knownEvent || lastEventId !== knownLastEventId) {
    knownBody = encode(replay, lastEventId)
    knownEvent = event
    knownLastEventId = lastEventId
  }
  return knownBody
}

function encode(replay: Replay, lastEventId: string): string {
  const gap = replay.gap ? '"gap":true,' : ''
  const events = replay.events.map(encodeEvent).join()
  return `{${gap}"events":[${events}],"lastEventId":"${lastEventId}"}`
}

function encodeEvent(event: PublishedEvent): string {
  const type = event.type === null ? '' : `"type":${JSON.stringify(event.type)},`
  return `{"id":"${event.id}",${type}"data":${JSON.stringify(event.data)}}`
}
