/**
 * Do the bounds cover the truth? A server of known latency, in a process of its own, takes the time of
 * every publish that it reads and of every event that it writes; the command measures it without and
 * with disturbances of the instrument: stops, busy loops beside it, low priorities, drawn by a seed. The
 * true percentiles have to lie within what the run says of them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  describeDisturbances,
  disturb,
  drawDisturbances,
} from '../src/cli/oracle/disturbance.conformance.ts'
import {
  KNOWN_LATENCIES,
  KNOWN_RATE,
  type LatencyName,
} from '../src/cli/oracle/known-latency.conformance.ts'
import {
  type KnownServer,
  knownTarget,
  startKnownServer,
} from '../src/cli/oracle/known-server.conformance.ts'
import { measureLoopback } from '../src/cli/oracle/loopback.conformance.ts'
import {
  boundsOf,
  describeVerdict,
  observeRun,
  onlyRun,
} from '../src/cli/oracle/observed-run.conformance.ts'
import { goFirst } from '../src/cli/oracle/precedence.conformance.ts'
import {
  contains,
  containsSampled,
  isClose,
  JUDGED,
  percentileOf,
  type StatedBounds,
  stated,
  type Truth,
  truthOf,
} from '../src/cli/oracle/truth.conformance.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import { type Print, printBar } from './bar.ts'
import { median } from './ratio.ts'

const LATENCIES = ['constant', 'uniform', 'M/D/1 0.5', 'M/D/1 0.8', 'tail'] as const
const TRANSPORTS = ['sse', 'websocket'] as const
const RUNS = 20
const CLIENTS = 25
const WINDOW_MS = 4_000
/** Of the runs whose three percentiles all have to be covered, and of those whose bounds are close. */
const BAR = 0.95
const SIDES = ['undisturbed', 'disturbed'] as const
type Side = (typeof SIDES)[number]

/** Which truth the bounds are held against. */
const TRUTHS = ['served', 'scheduled'] as const
type TruthName = (typeof TRUTHS)[number]

/** What became of one run. */
interface Outcome {
  readonly truth: Truth
  readonly bounds: readonly StatedBounds[]
  readonly covers: Readonly<Record<TruthName, readonly boolean[]>>
  /** Of the very events, without the interval of a sample. */
  readonly coversExactly: Readonly<Record<TruthName, readonly boolean[]>>
  readonly verdict: string
}

export async function coverage(
  print: Print,
  part: string | undefined,
  runs: number = RUNS,
): Promise<void> {
  await prepareHistograms()
  // The bench's own clients and its signals are on time; what it starts has no part in that.
  goFirst()
  print(
    `coverage: ${CLIENTS} clients, ${KNOWN_RATE} events/s, windows of ${WINDOW_MS / 1000} s, ${runs} runs of each latency without and with disturbances, ${TRANSPORTS.join(' and ')} in turn`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-coverage-'))
  const all: Record<Side, Outcome[]> = { undisturbed: [], disturbed: [] }
  try {
    for (const name of LATENCIES) {
      if (part !== undefined && part !== name) continue
      for (const side of SIDES) {
        const outcomes = await measureLatency(print, folder, name, side, runs)
        printSide(print, `${name}, ${side}`, outcomes)
        all[side].push(...outcomes)
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  for (const side of SIDES) {
    for (const truth of TRUTHS) {
      const covered = all[side].filter(({ covers }) => covers[truth].every(Boolean)).length
      printBar(print, `${side}: bounds cover the truth as ${truth}`, covered, all[side].length, BAR)
    }
  }
  const close = all.undisturbed.filter(({ bounds }) => bounds.every(isClose)).length
  printBar(print, 'undisturbed: bounds within 5 % or 0.3 ms', close, all.undisturbed.length, BAR)
}

async function measureLatency(
  print: Print,
  folder: string,
  name: LatencyName,
  side: Side,
  runs: number,
): Promise<readonly Outcome[]> {
  const server = await startKnownServer(name, 1)
  const outcomes: Outcome[] = []
  try {
    const loopback = await measureLoopback(server)
    const told = JUDGED.map(
      (percentile) => `p${percentile} ${ms(percentileOf(loopback, percentile))}`,
    )
    print(
      `  ${name}, ${side}: precedence of the server ${server.precedence}, both ways over loopback ${told.join(', ')} ms`,
    )
    const scenario = join(folder, 'scenario.json')
    await writeFile(scenario, JSON.stringify(scenarioOf(server)))
    for (let run = 0; run < runs; run++) {
      outcomes.push(await measure(print, { server, name, side, run, scenario, loopback }))
    }
  } finally {
    await server.stop()
  }
  return outcomes
}

function scenarioOf({ port }: KnownServer): object {
  return {
    ...knownTarget(port),
    clients: CLIENTS,
    channels: 'per-client',
    rate: KNOWN_RATE / CLIENTS,
    arrivals: 'poisson',
    duration: `${WINDOW_MS}ms`,
    warmup: '500ms',
  }
}

interface Measurement {
  readonly server: KnownServer
  readonly name: LatencyName
  readonly side: Side
  readonly run: number
  readonly scenario: string
  /** Milliseconds, in ascending order. */
  readonly loopback: readonly number[]
}

async function measure(print: Print, order: Measurement): Promise<Outcome> {
  const { server, name, side, run: index, scenario, loopback } = order
  const seed = 1 + index
  // Other ones for each latency.
  const disturbances =
    side === 'disturbed'
      ? drawDisturbances(RUNS * Object.keys(KNOWN_LATENCIES).indexOf(name) + seed, WINDOW_MS)
      : []
  await server.take()
  const transport = TRANSPORTS[index % TRANSPORTS.length] as string
  const observed = await observeRun(
    [scenario, '--transport', transport, '--seed', String(seed), '--allow-invalid'],
    (pid) => disturb(pid, disturbances),
  )
  const run = onlyRun(observed)
  const truth = truthOf(await server.take(), KNOWN_LATENCIES[name], run.delivery.published)
  const both = boundsOf(run)
  const bounds = JUDGED.map((percentile) => stated(both, percentile))
  const judge = (covers: typeof contains, of: TruthName): readonly boolean[] =>
    JUDGED.map((percentile, at) =>
      covers(bounds[at] as StatedBounds, truth[of], percentile, percentileOf(loopback, percentile)),
    )
  const outcome: Outcome = {
    truth,
    bounds,
    covers: {
      served: judge(containsSampled, 'served'),
      scheduled: judge(containsSampled, 'scheduled'),
    },
    coversExactly: { served: judge(contains, 'served'), scheduled: judge(contains, 'scheduled') },
    verdict: describeVerdict(run),
  }
  const isCovered = TRUTHS.every((of) => outcome.covers[of].every(Boolean))
  const isAsClose = side === 'disturbed' || bounds.every(isClose)
  if (!isCovered || !isAsClose) {
    print(
      `    run ${seed} ${transport}, ${describeDisturbances(disturbances)}: ${describe(outcome)}`,
    )
  }
  return outcome
}

/** Each percentile's bounds and truths, what is missed marked. */
function describe({ bounds, truth, covers, verdict }: Outcome): string {
  const percentiles = JUDGED.map((percentile, at) => {
    const truths = TRUTHS.map((of) => {
      const mark = covers[of][at] === true ? '' : ' MISSED'
      return `${of} ${ms(percentileOf(truth[of], percentile))}${mark}`
    })
    return `p${percentile} ${range(bounds[at] as StatedBounds)} of ${truths.join(', ')}`
  })
  return `${percentiles.join('; ')}; ${verdict}`
}

function printSide(print: Print, title: string, outcomes: readonly Outcome[]): void {
  const name = title.slice(0, title.lastIndexOf(',')) as LatencyName
  const pooled = (of: keyof Truth, percentile: number): string =>
    ms(
      percentileOf(
        outcomes.flatMap(({ truth }) => truth[of]).sort((a, b) => a - b),
        percentile,
      ),
    )
  JUDGED.forEach((percentile, at) => {
    const counts = TRUTHS.map((of) => {
      const sampled = outcomes.filter(({ covers }) => covers[of][at]).length
      const exact = outcomes.filter(({ coversExactly }) => coversExactly[of][at]).length
      return `${of} ${pooled(of, percentile)}: ${sampled} (exactly ${exact}) of ${outcomes.length}`
    })
    const width = median(outcomes.map(({ bounds }) => widthOf(bounds[at] as StatedBounds)))
    const close = outcomes.filter(({ bounds }) => isClose(bounds[at] as StatedBounds)).length
    const theory = KNOWN_LATENCIES[name].theoryMs(percentile, KNOWN_RATE)
    print(
      `  ${title.padEnd(24)} p${percentile} in ms: theory ${ms(theory)}; covers ${counts.join(', ')}; bounds apart ${ms(width)}, close ${close}`,
    )
  })
  const verdicts = new Map<string, number>()
  for (const { verdict } of outcomes) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  const told = [...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join('; ')
  print(`  ${title.padEnd(24)} server late p99 ${pooled('serverLate', 99)}; runs ${told}`)
}

function widthOf({ lowerMs, upperMs }: StatedBounds): number {
  return upperMs - lowerMs
}

function range({ lowerMs, upperMs }: StatedBounds): string {
  return `${ms(lowerMs)}–${ms(upperMs)}`
}

function ms(value: number): string {
  return value.toFixed(2)
}
