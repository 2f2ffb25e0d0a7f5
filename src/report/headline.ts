import { latencyBounds } from '../measure/bounds.ts'
import type { RecordedScenario, Result, Run } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { withoutSecrets } from '../scenario/secret.ts'
import { counted } from '../text.ts'
import { disruptionNotes } from './disruption.ts'
import {
  differVisibly,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  missing,
} from './quantity.ts'
import { stormNotes } from './storm.ts'
import { unseenNotes } from './unseen.ts'
import { formatPoint } from './wording.ts'

/** `rtbench 0.1.0 · sse-10000 · 10,000 clients · … · seed 42`: who measured what. */
export function titleOf({ tool, scenario, sweep }: Result): string {
  return [
    `${tool.name} ${tool.version}`,
    scenario.name,
    sweptOr(sweep, 'clients') ?? `${formatCount(scenario.clients)} clients`,
    sweptOr(sweep, 'channels') ?? channelsOf(scenario, sweep),
    `${formatCount(scenario.durationMs / 1000)} s after ${formatCount(scenario.warmupMs / 1000)} s of warm-up`,
    `seed ${scenario.seed}`,
  ].join(' · ')
}

/** The rest of what decides the figures: `poisson arrivals · 128 B payload · …` */
export function subtitleOf(result: Result): string {
  const { scenario, environment, sweep } = result
  const { intervalMs } = scenario
  return [
    `${scenario.arrivals} arrivals`,
    sweptOr(sweep, 'payload') ?? `${formatBytes(scenario.payloadBytes)} payload`,
    sweptOr(sweep, 'interval') ??
      (intervalMs === 0 ? 'polls at once' : `polls every ${formatDuration(intervalMs * 1000)}`),
    sweptOr(sweep, 'hold') ?? `long polls held ${formatDuration(scenario.holdMs * 1000)}`,
    ...unusualOf(result),
    `Node ${environment.node}`,
    environment.platform,
    `${environment.cores} cores`,
  ].join(' · ')
}

/** What is no swarm on bare sockets, and no server of its own. */
function unusualOf({ scenario: { engine, target, url }, runs }: Result): string[] {
  const server = target == null ? 'server' : "somebody else's server"
  return [
    ...(engine === 'lean' ? [] : ['library engine (undici, ws)']),
    ...(url === null ? [] : [`${server} at ${withoutSecrets(url)}`]),
    ...frontsOf(runs),
    ...proxiesOf(runs),
  ]
}

/** `via nginx 1.22.1, default configuration` */
function proxiesOf(runs: readonly Run[]): readonly string[] {
  const told = runs.flatMap(({ via }) => {
    if (via === undefined) return []
    const role = via.role === 'forward' ? ' as a forward proxy' : ''
    return [`via ${via.program} ${via.version}${role}, ${via.configuration} configuration`]
  })
  return [...new Set(told)]
}

/** `haproxy 2.6.12 before 3 instances, cookie` */
function frontsOf(runs: readonly Run[]): readonly string[] {
  const fronts = runs.flatMap(({ front, server }) => {
    if (front === undefined) return []
    const instances = server === null ? 'the instances' : counted(server.instances, 'instance')
    return [`${front.program} ${front.version} before ${instances}, ${front.balance}`]
  })
  return [...new Set(fronts)]
}

/** As much of both as there is room for on a first screen, and whether it may be believed. */
export function briefTitleOf(result: Result): string {
  const validity = result.runs.length > 0 ? [validityOf(result)] : []
  return [titleOf(result), ...unusualOf(result), ...validity].join(' · ')
}

/** `Validity: 3 of 4 runs valid`: whether the figures may be believed; the warnings say why not. */
export function validityOf({ runs }: Result): string {
  const valid = runs.filter(({ validity }) => validity.verdict === 'valid').length
  if (valid < runs.length) return `Validity: ${valid} of ${runs.length} runs valid`
  return runs.length === 1 ? 'Validity: valid' : `Validity: all ${runs.length} runs valid`
}

/** What a reader must know about how it was measured; one line each. @param brief what most results have alike is left out */
export function notesOf(result: Result, { brief = false } = {}): string[] {
  const { runs, sweep } = result
  const place = sweep === undefined ? 'column' : 'row'
  return [
    ...disruptionNotes(result),
    ...stormNotes(result),
    ...(runs.some(({ repetition }) => repetition > 1)
      ? [
          `Repetitions: each ${place} shows the run with the median p50 of its repetitions that count, or of all where none does; nothing is averaged.`,
        ]
      : []),
    ...(!brief && runs.some(hasBounds)
      ? [
          'A latency of two figures lies between them: as if the instrument had been on time, and as observed. What is said of it holds at both.',
        ]
      : []),
    ...(runs.some(({ latency }) => latency.count > 0 && latency.p99Us === null)
      ? [
          brief
            ? 'A percentile is "–" where the events were too few; a longer --duration has more.'
            : `A percentile is "–" where the events were too few for it: p95 takes 20, p99 100. A longer --duration or a higher ${result.scenario.workload === 'chat' ? '--send-rate' : '--rate'} has more.`,
        ]
      : []),
    ...(!brief && runs.some(({ front }) => front !== undefined)
      ? [
          'Clients go through a front: what it takes, and waits for, is in the latencies and in "Mean, until read", which cannot be told apart from the way of the bytes. The figures of the server and "Mean, in the fan-out" are by the clocks of the instances, and have nothing of it.',
        ]
      : []),
    ...(!brief && runs.some(({ via }) => via !== undefined)
      ? [
          'Clients go through a proxy, the publisher does not: what the proxy holds back, and takes, is in the latencies and in "Mean, until read".',
        ]
      : []),
    ...unseenNotes(result),
    ...(brief ? [] : hostNotesOf(result)),
  ]
}

/** Whether a latency of it is shown as two figures. */
function hasBounds(run: Run): boolean {
  return (['p50Us', 'p95Us', 'p99Us', 'maxUs', 'meanUs'] as const).some((key) => {
    const bounds = latencyBounds(run, key)
    return bounds !== null && differVisibly(bounds.lowerUs, bounds.upperUs)
  })
}

/** What the machine had to do beside. */
export function hostNotesOf({ runs, environment }: Result): string[] {
  const shared = runs.filter((run) => run.host.sharedWithServer)
  if (shared.length === 0) return []
  const busiest = Math.max(...shared.map((run) => run.host.cpuUtilisation ?? 0))
  const busy = busiest > 0 ? `, up to ${formatPercent(busiest)} busy` : ''
  return [
    `Generator and server share this host (${environment.cores} cores${busy}): each takes CPU time from the other, so compare the columns with each other before you compare them with a server on its own machine.`,
  ]
}

/** `500 ms to 5 s (interval swept)` in the place of the value that there is none of; else null. */
function sweptOr(sweep: Sweep | undefined, key: Sweep['key']): string | null {
  if (sweep === undefined || sweep.key !== key) return null
  const [first = 0] = sweep.values
  const last = sweep.values.at(-1) ?? first
  return `${formatPoint(sweep, first)} to ${formatPoint(sweep, last)} (${key} swept)`
}

function channelsOf(scenario: RecordedScenario, sweep: Sweep | undefined): string {
  const { channels, rate, clients, sendRate } = scenario
  if (sendRate != null) {
    const rooms = channels === 'per-client' ? clients : channels
    const members = formatCount(Math.round((clients / rooms) * 10) / 10)
    return `${formatCount(rooms)} ${rooms === 1 ? 'room' : 'rooms'} of ${members}, each client sends ${formatCount(sendRate)} messages/s`
  }
  const each = sweptOr(sweep, 'rate') ?? `${formatCount(rate)} events/s`
  if (channels === 'per-client') return `a channel per client at ${each}`
  return channels === 1
    ? `one broadcast channel at ${each}`
    : `${formatCount(channels)} channels at ${each} each`
}

/** The machine and the tool, as names and values. */
export function environmentOf({ environment: at, tool }: Result): [string, string][] {
  return [
    ['Tool', `${tool.name} ${tool.version}`],
    ['Started', at.startedAt],
    ['Node', at.node],
    ['Platform', `${at.platform}, ${at.kernel}`],
    ['CPU', `${at.cpuModel}, ${at.cores} cores`],
    ['Memory', formatBytes(at.memoryBytes)],
    ['Open files per process', formatCount(at.openFilesLimit)],
    ['Commit', at.commit ?? missing],
  ]
}
