import { requestedChannels } from '../channels.ts'
import { requestedCursor } from '../cursor.ts'
import { answerPoll } from '../poll-answer.ts'
import { type Front, type Hub, type Meter, NOTHING_MISSED } from '../server-side.ts'

/** Answers at once with what came after the cursor, which is often nothing. */
export function mountShortPoll(front: Front, hub: Hub, meter: Meter): void {
  front.get('/poll', (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const cursor = requestedCursor(visit.request, visit.query)
    const replay = cursor === null ? NOTHING_MISSED : hub.replay(channels, cursor)
    answerPoll(visit.response, replay, hub, meter)
  })
}
