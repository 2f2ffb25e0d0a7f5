import { latencyBounds } from '../measure/bounds.ts'
import { NEGLIGIBLE } from '../result/advice.ts'
import type { RecordedScenario, Run, RunResult } from '../result/document.ts'
import { counted } from '../text.ts'
import { type Column, columnsOf } from './comparison.ts'
import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  isTie,
  latencySlackUs,
  missing,
} from './quantity.ts'
import type { Ranking } from './ranking.ts'
import { conclusionOf, type Deciding, decidingOf, upBytesPerSecond } from './standing.ts'
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
  const shown = ({ run }: Column): string => bounded(run, key)
  const { first, steps, open } = conclusionOf(columns, result.scenario)
  const [taken, ...others] = open.length > 0 ? first : preferredFirst(first)
  if (taken === undefined) return []
  const isOpen = open.length > 0
  const byLatency = steps.find(({ by }) => by === 'latency')
  const alone = others.length === 0 && steps.length === 1 && byLatency !== undefined
  const decided = steps.map(({ by, against, isByLittle }) => {
    const little = isByLittle ? ', if by little' : ''
    if (by !== 'latency') {
      return `less ${NOUNS[by]} than ${against.label} (${costText(by, taken)} vs ${costText(by, against)}${little})`
    }
    return alone
      ? `lowest ${deciding}, ${shown(taken)}; next is ${against.label} with ${shown(against)}${little}`
      : `lower ${deciding} than ${against.label} (${shown(taken)} vs ${shown(against)}${little})`
  })
  const known = COSTS.filter((by) => areTold(by, [taken, ...others]))
  const costs =
    known.length === 0
      ? ''
      : `, and they differ by less than ${listed(known.map((by) => `${MATTERS[by]} of ${NOUNS[by]}`))}`
  const same = others.map((other) => `${other.label}’s ${shown(other)}`)
  const opinion =
    isOpen || others.length === 0
      ? []
      : [
          `${deciding} ${shown(taken)} is shown to be within ${formatDuration(latencySlackUs)} or a tenth of ${listed(same)}${costs}`,
          preferenceOf(taken, others),
        ]
  const chosen = isOpen ? first : [taken]
  const talkative = columns.find(({ run }) => run.technique.traits.bidirectional)
  const speaks = columns.some(({ run }) => run.chat !== undefined)
  const both =
    speaks || talkative === undefined || chosen.includes(talkative)
      ? []
      : [`take ${talkative.label} when clients must send too`]
  const costly = columns.filter((column) => !chosen.includes(column) && asks(column.run))
  const facts = [
    ...chosen.map((one) =>
      [
        `${one.label} delivered at ${deciding} ${shown(one)}${heldPhrase(one.run)}`,
        ...(asks(one.run) ? [costOf(one.run, 'it', result.scenario)] : []),
      ].join('; '),
    ),
    ...costly.map(({ run, label }) => costOf(run, label, result.scenario)),
    ...wayUp(columns),
  ]
  const suspect = columns.filter(({ runs }) => runs.some((run) => run.validity.verdict !== 'valid'))
  const care = suspect.map(({ label }) => label).join(', ')
  const withCare = care === '' ? '' : `With care, since suspect (${care}): `
  const reasons = [...decided, ...(isOpen ? [untold(open, deciding)] : opinion), ...both]
  const labels = chosen.map(({ label }) => label)
  const names = isOpen ? `${labels.slice(0, -1).join(', ')} or ${labels.at(-1)}` : taken.label
  const isSingle = columns.every(({ runs }) => runs.length === 1)
  const isByLittle = isOpen || steps.some((step) => step.isByLittle)
  const more =
    isSingle && isByLittle
      ? ' Each transport ran once: --repeat 5 tells more of differences as small as these.'
      : ''
  return [`${withCare}Use ${names} here: ${reasons.join('; ')}.${more}`, `${facts.join('; ')}.`]
}

const COSTS = ['cpu', 'bandwidth', 'memory'] as const

/** Less decides nothing. */
const MATTERS: Readonly<Record<(typeof COSTS)[number], string>> = {
  cpu: `${NEGLIGIBLE.serverCores} cores`,
  bandwidth: 'a quarter',
  memory: formatBytes(NEGLIGIBLE.serverMemoryBytes),
}

/** Whether a server told what it costs. */
function areTold(by: (typeof COSTS)[number], columns: readonly Column[]): boolean {
  return columns.every((column) => !costText(by, column).startsWith(missing))
}

const NOUNS: Readonly<Record<Exclude<Deciding, 'latency'>, string>> = {
  cpu: 'server CPU',
  bandwidth: 'bandwidth',
  memory: 'server memory',
}

function costText(by: Exclude<Deciding, 'latency'>, { run }: Column): string {
  const { server, wire, throughput } = run
  switch (by) {
    case 'cpu':
      return `${formatDuration(server?.cpuUsPerDelivery ?? null)} a delivery`
    case 'bandwidth':
      return `${formatBytes((wire.bytesPerDelivery ?? 0) * throughput.deliveriesPerSecond + upBytesPerSecond(run))}/s`
    case 'memory':
      return formatBytes(server?.rssBytes ?? null)
  }
}

/** `which of them is better cannot be told by p99 (9–10 ms vs 8–20 ms) or by server CPU` */
function untold(open: Ranking<Column, Deciding>['open'], deciding: 'p99' | 'p50'): string {
  const by = [...new Set(open.map((one) => one.by))].map((name) => {
    const columns = [...new Set(open.filter((one) => one.by === name).flatMap(({ pair }) => pair))]
    const texts = columns.map((column) =>
      name === 'latency' ? bounded(column.run, `${deciding}Us`) : costText(name, column),
    )
    return `${name === 'latency' ? deciding : NOUNS[name]} (${texts.join(' vs ')})`
  })
  return `which of them is better cannot be told by ${by.join(' or by ')}`
}

/** A preference, and no measurement: in a chat who needs no request to send, then the simplest. */
function preferredFirst(columns: readonly Column[]): readonly Column[] {
  return [...columns].sort(
    (one, other) => requestsUp(one) - requestsUp(other) || gradeOf(one) - gradeOf(other),
  )
}

function preferenceOf(taken: Column, others: readonly Column[]): string {
  const needing = others.filter((other) => requestsUp(other) > requestsUp(taken))
  if (needing.length > 0) {
    return `by opinion the one on whose connection clients send, too (no request a message vs one of ${listed(needing.map(({ label }) => label))})`
  }
  return `by opinion the simplest of them (complexity ${complexityOf(taken.run)} vs ${others.map(({ run }) => complexityOf(run)).join(', ')})`
}

/** Requests that a message takes, whole; 0 where nobody sends. */
function requestsUp({ run: { chat } }: Column): number {
  return Math.round(chat?.up.requestsPerMessage ?? 0)
}

function gradeOf({ run }: Column): number {
  return run.technique.traits.complexityGrade
}

function bounded(run: Run, key: 'p50Us' | 'p99Us'): string {
  return formatBounds(latencyBounds(run, key))
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

function complexityOf(run: Run): string {
  return run.technique.traits.complexity
}
