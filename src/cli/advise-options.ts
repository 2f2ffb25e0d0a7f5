import type { Middlebox, Percentile, Workload } from '../result/advice.ts'
import { showKey, usageError } from '../scenario/problem.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { isRefusal, parseCount, parseDuration, parseRate, type Refusal } from '../scenario/units.ts'

/** The flags of `advise` that describe the workload, as they are written. */
export interface WorkloadOptions {
  readonly users?: string
  readonly eventsPerUser?: string
  /** The same, as a scenario has it. */
  readonly rate?: string
  readonly latency?: string
  readonly clientToServer?: string
  readonly proxies?: string
  readonly browsers?: string
}

const PERCENTILES: readonly Percentile[] = ['p50', 'p95', 'p99']
export const TRAFFIC: readonly Workload['clientToServer'][] = ['none', 'some', 'chatty']
export const PROXIES: readonly Middlebox[] = ['block-upgrades', 'buffer-streams']
export const BROWSERS: readonly Workload['browsers'][] = ['modern', 'any']

const COUNTS = 'a count such as 500 or 50k'
const RATES = 'events of each user, such as 20/day, 6/min or 0.1 a second'
const LATENCIES = 'a latency such as 500ms, which is a p99, or p95<200ms'

/** A client that sends as often as this, per second, is chatty. */
const CHATTY_PER_SECOND = 0.1

/**
 * Reads what somebody is going to build.
 * @throws RtbenchError `usage`, one line a flag
 */
export function workloadOf(options: WorkloadOptions): Workload {
  const { users, eventsPerUser, rate, latency } = options
  if (eventsPerUser !== undefined && rate !== undefined) {
    throw refusal('--rate', 'is given as --events-per-user, too; expected one of them')
  }
  const rateFlag = rate === undefined ? '--events-per-user' : '--rate'
  const wanted = read('--latency', latency, LATENCIES, latencyOf)
  return {
    users: read('--users', users, COUNTS, aboveZero(parseCount)),
    eventsPerUserPerSecond: read(rateFlag, rate ?? eventsPerUser, RATES, aboveZero(rateOf)),
    wanted,
    ...trafficOf(options.clientToServer ?? 'none'),
    proxies: proxiesOf(options.proxies),
    browsers: word('--browsers', options.browsers ?? 'modern', BROWSERS),
  }
}

function aboveZero(parse: (text: string) => number | Refusal) {
  return (text: string): number | Refusal => {
    const value = parse(text)
    if (isRefusal(value)) return value
    return value > 0 ? value : { problem: 'is not above 0' }
  }
}

/** As in a scenario, and by the day, as people count what they send to a user. */
function rateOf(text: string): number | Refusal {
  const [, amount = '', unit = ''] = /^(.*)\/(day|d|hour|week)$/.exec(text) ?? []
  const hours = { day: 24, d: 24, hour: 1, week: 168 }[unit]
  return parseRate(hours === undefined ? text : `${amount}/${hours}h`)
}

function latencyOf(text: string): Workload['wanted'] | Refusal {
  const [, percentile, duration = ''] = /^(?:(p[\d.]*|[a-z]+) ?<=? ?)?(.*)$/.exec(text) ?? []
  const known = PERCENTILES.find((one) => one === (percentile ?? 'p99'))
  if (known === undefined) {
    return { problem: `names ${percentile}, which is none of ${PERCENTILES.join(', ')}` }
  }
  const ms = parseDuration(duration)
  if (isRefusal(ms)) return ms
  return ms > 0
    ? { percentile: known, latencyUs: Math.round(ms * 1000) }
    : { problem: 'is not above 0' }
}

/** A word, or how often a client sends. */
function trafficOf(text: string): Pick<Workload, 'clientToServer' | 'messagesPerUserPerSecond'> {
  if (/^\d/.test(text)) {
    const rate = read('--client-to-server', text, `${TRAFFIC.join(', ')} or a rate`, rateOf)
    const clientToServer = rate === 0 ? 'none' : rate < CHATTY_PER_SECOND ? 'some' : 'chatty'
    return { clientToServer, messagesPerUserPerSecond: rate }
  }
  return {
    clientToServer: word('--client-to-server', text, TRAFFIC),
    messagesPerUserPerSecond: null,
  }
}

function proxiesOf(text: string | undefined): readonly Middlebox[] {
  if (text === undefined || text === 'none') return []
  return text.split(',').map((item) => word('--proxies', item.trim(), PROXIES))
}

function word<Word extends string>(flag: string, text: string, known: readonly Word[]): Word {
  const found = known.find((one) => one === text)
  if (found !== undefined) return found
  const expected = known.join(', ')
  throw refusal(
    flag,
    `${showKey(text)} is not known${didYouMean(text, known)}; expected ${expected}`,
  )
}

function read<Value>(
  flag: string,
  text: string | undefined,
  expected: string,
  parse: (text: string) => Value | Refusal,
): Value {
  if (text === undefined) throw refusal(flag, `is not given; expected ${expected}`)
  const value = parse(text)
  if (!isRefusal(value)) return value
  throw refusal(flag, `${showKey(text)} ${value.problem}; expected ${expected}`)
}

function refusal(flag: string, text: string): Error {
  return usageError([{ place: { label: flag, order: 0 }, text }])
}
