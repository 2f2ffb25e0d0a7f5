import { answerError } from './answer.ts'
import type { ServerLimits, Visit } from './server-side.ts'

/** A channel's name: printable, without white space. */
const CHANNEL_NAME = /^[!-~]{1,128}$/

export function isChannelName(value: unknown): value is string {
  return typeof value === 'string' && CHANNEL_NAME.test(value)
}

/**
 * The channels that a request names by `?channel=`, once or repeated. Answers 400 and returns null
 * when there are none, too many, or one that is no name.
 */
export function requestedChannels(visit: Visit, limits: ServerLimits): readonly string[] | null {
  const channels = visit.query.getAll('channel')
  const fault = channelsFault(channels, limits)
  if (fault !== null) {
    answerError(visit.response, 400, fault)
    return null
  }
  // Named twice, a channel must not be replayed twice.
  return [...new Set(channels)]
}

function channelsFault(channels: readonly string[], { maxChannels }: ServerLimits): string | null {
  if (channels.length === 0) return 'name a channel: ?channel=NAME'
  if (channels.length > maxChannels) return `at most ${maxChannels} channels a request`
  if (channels.every(isChannelName)) return null
  return 'a channel is 1 to 128 printable characters without spaces'
}
