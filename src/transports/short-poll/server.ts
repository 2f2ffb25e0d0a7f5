import { requestedChannels, requestedCursor } from '../channels.ts'
import { answerPoll } from '../poll-answer.ts'
import type { Front, Hub, Meter, Replay } from '../transport.ts'

const NOTHING: Replay = { events: [], gap: false }

/** Answers at once with what came after the cursor, which is often nothing. */
export function mountShortPoll(front: Front, hub: Hub, meter: Meter): void {
  front.get('/poll', (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const cursor = requestedCursor(visit.request, visit.query)
    const replay = cursor === null ? NOTHING : hub.replay(channels, cursor)
    meter.deliveries += replay.events.length
    if (replay.gap) meter.gapSignals++
    answerPoll(visit.response, replay, hub.lastEventId)
  })
}
