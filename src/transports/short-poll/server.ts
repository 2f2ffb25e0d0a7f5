import { type Front, type Hub, type Meter, NOTHING_MISSED } from '../transport.ts'
import {
  answerHead,
  answerPoll,
  MAX_ANSWER_BYTES,
  requestedChannels,
  requestedCursor,
} from '../visit.ts'

/** Answers at once with what came after the cursor, which is often nothing. */
export function mountShortPoll(front: Front, hub: Hub, meter: Meter): void {
  front.get('/poll', (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    if (visit.request.method === 'HEAD') {
      answerHead(visit.response)
      return
    }
    const cursor = requestedCursor(visit.request, visit.query)
    const replay = cursor === null ? NOTHING_MISSED : hub.replay(channels, cursor, MAX_ANSWER_BYTES)
    answerPoll(visit.response, replay, hub, meter)
  })
}
