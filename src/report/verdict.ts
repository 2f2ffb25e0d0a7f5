import { figureOf } from '../figures/catalogue.ts'
import { latencyBounds } from '../measure/bounds.ts'
import type { RecordedScenario, Run, RunResult } from '../result/document.ts'
import { rangeOf } from '../result/repetitions.ts'
import { counted } from '../text.ts'
import { type Column, columnsOf } from './comparison.ts'
import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  isTie,
  latencySlackUs,
  mayTie,
} from './quantity.ts'
import { decidingOf, mayBeEqual, spanOf } from './standing.ts'
import { asks, emptyShare } from './unseen.ts'
import { absent, faultsOf, NO_RUN } from './warning.ts'
import { heldPhrase, listed } from './wording.ts'

/**
 * What a person can act on with the figure that decided, and after it what the others cost. Where a run is invalid, partial or not
 * lossless, the lines say so and recommend nothing.
 */
export function verdictOf(result: RunResult): string[] {
  const columns = columnsOf(result)
  const [first] = columns
  if (first === undefined) return [NO_RUN]
  const idle = result.scenario.rate === 0
  const faults = [...columns.flatMap((column) => faultsOf(column, idle)), ...absent(result)]
  if (faults.length > 0) {
    const scope = columns.length === 1 ? 'No verdict' : 'No recommendation'
    return [`${scope}: ${faults.join('; ')}.`]
  }
  if (idle) return idleLines(columns)
  if (columns.length === 1) return [summaryOf(first, result.scenario)]
  return recommendation(columns, result)
}

/** What waiting costs where nothing is published: held connections, the server's memory and requests in vain. */
function idleLines(columns: readonly Column[]): string[] {
  const facts = columns.map(({ run, label }) => {
    const memory = memoryOf(run)
    const { requestsPerClientPerDay: requests } = run.exchanges
    const costs = [
      ...(memory === null ? [] : [`${formatBytes(memory)} of server memory`]),
      ...(requests === null ? [] : [`${formatCount(requests)} requests a day`]),
    ]
    const each = costs.length > 0 ? `, at ${costs.join(' and ')} per client` : ''
    return `${label} waited${heldPhrase(run)}${each}`
  })
  const waiting = `Nothing was published, so this is what waiting costs: ${facts.join('; ')}.`
  return [[waiting, ...leastMemory(columns)].join(' ')]
}

/** Nothing where there is no difference to tell, or nobody to compare with. */
function leastMemory(columns: readonly Column[]): string[] {
  const known = columns.flatMap(({ run, label }) => {
    const bytes = memoryOf(run)
    return bytes === null ? [] : [{ label, bytes }]
  })
  const least = Math.min(...known.map(({ bytes }) => bytes))
  const winners = known.filter(({ bytes }) => isTie(bytes, least))
  if (winners.length === known.length) return []
  const names = listed(winners.map(({ label }) => label))
  return [`Least server memory per client: ${names}, ${formatBytes(least)}.`]
}

function memoryOf({ server }: Run): number | null {
  return server?.rssBytesPerClient ?? null
}

function summaryOf({ label, run }: Column, scenario: RecordedScenario): string {
  const { delivery, wire, server } = run
  const cost = [
    // Nothing is no cost, but less than could be told from the server's others.
    ...(server === null || server.cpuUsPerDelivery === null || server.cpuUsPerDelivery === 0
      ? []
      : [`${formatDuration(server.cpuUsPerDelivery)} of server CPU`]),
    ...(wire.bytesPerDelivery === null ? [] : [formatBytes(wire.bytesPerDelivery)]),
  ]
  return (
    `${label} delivered ${formatCount(delivery.delivered)} of ${formatCount(delivery.expected)} ` +
    `events at p50 ${bounded(run, 'p50Us')}, p99 ${bounded(run, 'p99Us')}` +
    heldPhrase(run) +
    (cost.length > 0 ? `, for ${cost.join(' and ')} each` : '') +
    (asks(run) ? `. ${costOf(run, label, scenario)}` : '') +
    wayUp([{ label, run }]).map((text) => `; ${text}`) +
    '. Measure the others by --transport all to compare.'
  )
}

function recommendation(columns: readonly Column[], result: RunResult): string[] {
  const deciding = decidingOf(columns)
  const key = `${deciding}Us` as const
  const figure = ({ latency }: Run): number | null => latency[key]
  const latencyOf = ({ run }: Column): number => figure(run) ?? NEVER
  const boundsOf = ({ run }: Column) => {
    const bounds = latencyBounds(run, key)
    return { lower: bounds?.lowerUs ?? NEVER, upper: bounds?.upperUs ?? NEVER }
  }
  const isNear = (one: Column, other: Column): boolean =>
    isTie(latencyOf(one), latencyOf(other), latencySlackUs)
  /** Faster is who is so at both ends, whatever the instrument's part in it. */
  const mayBeNear = (one: Column, other: Column): boolean =>
    mayTie(boundsOf(one), boundsOf(other), latencySlackUs)
  const shown = ({ run }: Column): string => bounded(run, key)

  const byLatency = [...columns].sort((one, other) => latencyOf(one) - latencyOf(other))
  const [fastest] = byLatency
  if (fastest === undefined) return []
  const decider = figureOf(`latency.${key}`)
  const spans = new Map(
    columns.map((column) => [column, spanOf(decider, column, result.scenario)] as const),
  )
  const isEqual = (one: Column, other: Column): boolean => {
    const [span, others] = [spans.get(one) ?? null, spans.get(other) ?? null]
    return span !== null && others !== null && mayBeEqual(decider, span, others)
  }
  const tied = byLatency.filter((column) => isEqual(column, fastest))
  // Who equals the fastest need not equal another that does.
  const chosen = simplest(tied.filter((one) => tied.every((other) => isEqual(one, other))))
  if (chosen === undefined) return []

  const reasons = tied
    .filter((column) => column !== chosen)
    .map((column) => {
      const doubt = isNear(column, chosen)
        ? ''
        : mayBeNear(column, chosen)
          ? ', but the instrument’s own lateness may be the difference'
          : overlap(column, chosen, figure)
            ? ', but repetitions of the one lie among the other’s'
            : ', but their intervals meet'
      const figures = `(${deciding} ${shown(chosen)} vs ${shown(column)}${doubt})`
      return `same latency as ${column.label} ${figures}${advantage(chosen.run, column.run)}`
    })
  const next = byLatency.find((column) => !tied.includes(column))
  if (reasons.length === 0 && next !== undefined) {
    reasons.push(`lowest ${deciding}, ${shown(chosen)}; next is ${next.label} with ${shown(next)}`)
  }
  const talkative = byLatency.find(({ run }) => run.technique.traits.bidirectional)
  const speaks = columns.some(({ run }) => run.chat !== undefined)
  if (!speaks && talkative !== undefined && !chosen.run.technique.traits.bidirectional) {
    reasons.push(`take ${talkative.label} when clients must send too`)
  }

  const costly = columns.filter((column) => column !== chosen && asks(column.run))
  const facts = [
    `${chosen.label} delivered at ${deciding} ${shown(chosen)}${heldPhrase(chosen.run)}`,
    ...(asks(chosen.run) ? [costOf(chosen.run, 'it', result.scenario)] : []),
    ...costly.map(({ run, label }) => costOf(run, label, result.scenario)),
    ...wayUp(columns),
  ]
  const suspect = columns.filter(({ runs }) => runs.some((run) => run.validity.verdict !== 'valid'))
  const care = suspect.map(({ label }) => label).join(', ')
  const advice = [
    `${care === '' ? '' : `With care, since suspect (${care}): `}Use ${chosen.label} here: ${reasons.join('; ')}.`,
  ]
  const single = columns.every(({ runs }) => runs.length === 1)
  if (
    single &&
    tied.length === 1 &&
    next !== undefined &&
    latencyOf(next) < 1.5 * latencyOf(fastest)
  ) {
    advice.push(
      'Each transport ran once: --repeat 5 tells whether a difference as small as this one holds.',
    )
  }
  return [advice.join(' '), `${facts.join('; ')}.`]
}

/** Of a run without deliveries. */
const NEVER = Number.MAX_VALUE

function bounded(run: Run, key: 'p50Us' | 'p99Us'): string {
  return formatBounds(latencyBounds(run, key))
}

/** Whoever was faster may be slower the next time. */
function overlap(one: Column, other: Column, figure: (run: Run) => number | null): boolean {
  const [range, others] = [rangeOf(one.runs, figure), rangeOf(other.runs, figure)]
  return range !== null && others !== null && range[0] <= others[1] && others[0] <= range[1]
}

/** Of transports that are equally fast: the fewest requests, then the simplest, then the fastest. */
function simplest(tied: readonly Column[]): Column | undefined {
  const fewest = Math.min(...tied.map(({ run }) => requestsOf(run)))
  const quiet = tied.filter(({ run }) => isTie(requestsOf(run), fewest))
  const least = Math.min(...quiet.map(({ run }) => complexityOf(run)))
  return quiet.find(({ run }) => complexityOf(run) === least)
}

/** What speaks for the one of two that are equally fast. */
function advantage(chosen: Run, other: Run): string {
  const requests = requestsOf(other)
  if (!isTie(requests, requestsOf(chosen)) && requests > requestsOf(chosen)) {
    return ` at fewer requests (${formatCount(requestsOf(chosen))} vs ${formatCount(requests)} per client and day)`
  }
  if (complexityOf(chosen) < complexityOf(other)) {
    const { traits } = chosen.technique
    return ` at a simpler protocol (complexity ${traits.complexity} vs ${other.technique.traits.complexity})`
  }
  return ''
}

/** `Short polling at 1 s costs 99.0 % empty responses and … for a p50 of 503 ms` */
function costOf(run: Run, label: string, scenario: RecordedScenario): string {
  const { intervalMs } = scenario
  const { emptyRatio, requestsPerClientPerDay } = run.exchanges
  const pace = intervalMs === 0 ? ' asking at once' : ` at ${formatDuration(intervalMs * 1000)}`
  const costs = [
    ...(emptyRatio === null ? [] : [emptyShare(run, scenario, { noun: ' empty responses' })]),
    ...(requestsPerClientPerDay === null
      ? []
      : [`${formatCount(requestsPerClientPerDay)} requests per client and day`]),
  ]
  const subject = run.technique.traits.keepsInterval ? label + pace : label
  return `${subject} costs ${costs.join(' and ')} for a p50 of ${bounded(run, 'p50Us')}`
}

/** `a message up takes Server-Sent Events 1 request and 318 B, and WebSocket no request and 204 B`; nothing where nobody sends. */
function wayUp(columns: readonly Pick<Column, 'label' | 'run'>[]): string[] {
  const each = columns.flatMap(({ label, run: { chat } }) => {
    const { requestsPerMessage: requests = null, bytesSentPerMessage: bytes = null } =
      chat?.up ?? {}
    if (requests === null || bytes === null) return []
    const asked = requests === 0 ? 'no request' : counted(Math.round(requests), 'request')
    return [`${label} ${asked} and ${formatBytes(bytes)}`]
  })
  return each.length === 0 ? [] : [`a message up takes ${listed(each)}`]
}

const MS_PER_DAY = 86_400_000

/** Per client and day, those that messages take included. */
function requestsOf({ exchanges, chat, clients, durationMs }: Run): number {
  const up = chat === undefined ? 0 : chat.up.requests / Math.max(1, clients.connected)
  return (exchanges.requestsPerClientPerDay ?? 0) + (up === 0 ? 0 : (up * MS_PER_DAY) / durationMs)
}

function complexityOf(run: Run): number {
  return run.technique.traits.complexityGrade
}
