import { answerHead } from '../answer.ts'
import { requestedChannels } from '../channels.ts'
import { requestedCursor } from '../cursor.ts'
import { answerPoll, MAX_ANSWER_BYTES } from '../poll-answer.ts'
import { type Front, type Hub, type Meter, NOTHING_MISSED } from '../server-side.ts'

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
