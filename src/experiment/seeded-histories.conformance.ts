/**
 * Short runs that fail on purpose, drawn by seeds: each has its history, and the history is judged. They serve tests
 * and `bench -- histories`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isForwarded } from '../backplane/registry.ts'
import { auditHistory } from '../history/reader.ts'
import { describeHistory, isJudged, isKept } from '../history/telling.ts'
import { HistoryFile } from '../history/writer.ts'
import { seededRandom } from '../measure/random.ts'
import type { Run } from '../result/document.ts'
import type { DisruptionKind } from '../scenario/disruption.ts'
import { flagLayer } from '../scenario/layer.ts'
import type { Flaw } from '../server/flawed-hub.ts'
import { transports } from '../transports/registry.ts'
import { holdsPolls } from '../transports/transport.ts'
import { measureScenario } from './experiment.ts'
import { planOf } from './plan.ts'

/** Techniques that resume once in a while, and not with each answer. */
export const STREAMS = transports.flatMap((one) =>
  one.traits.keepsInterval || holdsPolls(one) ? [] : [one.name],
)

/** A history to come. */
export interface Drawn {
  readonly seed: number
  readonly transport: string
  readonly disruption: string
  readonly instances: number
  /** As in a scenario: `memory`, or a bus's URL. */
  readonly backplane: string
  /** Events that an instance, and the bus, retain; a few are soon gone, and a gap is to be declared. */
  readonly logSize: number
}

export interface Judged {
  readonly drawn: Drawn
  /** The law was kept, the run counted the same, and there was something to count. */
  readonly isKept: boolean
  /** The run itself was of that mind. */
  readonly isRunKept: boolean
  readonly lines: readonly string[]
  /** The kinds that there were. */
  readonly violations: readonly string[]
  readonly deliveries: number
  readonly replayed: number
  readonly gaps: number
  readonly connectionsLost: number
}

/** What is done, to how many instances; those of the bus where there is one. */
const DISRUPTIONS: Readonly<
  Record<
    Exclude<DisruptionKind, 'partition'>,
    (draw: (texts: readonly string[]) => string) => string
  >
> = {
  'kill-instance': (draw) => `=${draw(['100ms', '300ms', '600ms'])}`,
  'stop-instance': (draw) => `=${draw(['200ms', '400ms', '900ms'])}`,
  cut: (draw) => `=${draw(['30%', '60%', '100%'])}${draw(['', '/fin'])}`,
  // Pollers wait ten seconds for an answer: what went silent comes back before.
  blackhole: (draw) => `=${draw(['30%', '60%'])}/${draw(['200ms', '500ms', '900ms'])}`,
  drain: (draw) => `=${draw(['100ms', '400ms'])}`,
  'restart-backplane': (draw) => `=${draw(['100ms', '400ms'])}`,
}
const KINDS = Object.keys(DISRUPTIONS) as (keyof typeof DISRUPTIONS)[]

/**
 * The history of a seed: techniques and disruptions come in turn, so that some seeds in a row have all pairs.
 * @param buses URLs of those that run beside the memory bus
 * @param among the techniques; all by default
 */
export function drawHistory(
  seed: number,
  buses: readonly string[] = [],
  among: readonly string[] = transports.map(({ name }) => name),
): Drawn {
  const random = seededRandom(seed, 0)
  const draw = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('there is nothing to draw from')
    return item
  }
  const kind = KINDS[Math.floor(seed / among.length) % KINDS.length] ?? 'cut'
  const isOfBus = kind === 'restart-backplane'
  const instances = isOfBus ? draw([2, 3]) : draw([1, 2, 3])
  // Somebody else's bus cannot be killed by a run: an instance is parted from it.
  const backplane =
    instances === 1 ? 'memory' : draw(['memory', ...(isOfBus ? buses.filter(isForwarded) : buses)])
  const given = DISRUPTIONS[kind](draw)
  const atMs = 200 + Math.floor(random() * 400)
  const what = isOfBus && backplane !== 'memory' ? 'partition' : kind
  return {
    seed,
    transport: among[seed % among.length] ?? '',
    disruption: `${what}${given}@${atMs}ms`,
    instances,
    backplane,
    logSize: draw([5, 15, 16_384]),
  }
}

/** Measures a run, and judges its history, which is gone afterwards. */
export async function judgeDrawn(drawn: Drawn, flaw: Flaw | null = null): Promise<Judged> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-history-'))
  try {
    const path = join(folder, `${drawn.seed}.jsonl`)
    const history = await HistoryFile.open(path)
    const run = await measure(drawn, flaw, history)
    await history.close()
    const verdict = await auditHistory(path)
    const [audited] = verdict.runs
    const { delivery, disruptions = [] } = run
    const problems = disruptions.flatMap(({ problem }) => problem ?? [])
    const lines = [...describeHistory(String(drawn.seed), verdict), ...problems]
    return {
      drawn,
      isKept: isKept(verdict) && isJudged(verdict) && problems.length === 0,
      isRunKept: delivery.lost + delivery.duplicates + delivery.outOfOrder === 0,
      lines,
      violations: Object.entries(audited?.violations ?? {}).flatMap(([kind, count]) =>
        count > 0 ? [kind] : [],
      ),
      deliveries: audited?.deliveries ?? 0,
      replayed: audited?.replayed ?? 0,
      gaps: audited?.gaps ?? 0,
      connectionsLost: audited?.connectionsLost ?? 0,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(drawn: Drawn, flaw: Flaw | null, history: HistoryFile): Promise<Run> {
  const { seed, transport, disruption, instances, backplane, logSize } = drawn
  const load = { clients: '8', channels: '2', rate: '25', arrivals: 'poisson', seed: String(seed) }
  const times = { duration: '1200ms', warmup: '100ms', heartbeat: '200ms', interval: '100ms' }
  const hold = transport === 'long-poll' ? { hold: '1s' } : {}
  const server = { instances: String(instances), backplane, workers: '1' }
  const flags = { transport, ...load, ...times, ...hold, ...server, disrupt: [disruption] }
  const { scenario } = planOf([flagLayer(flags)])
  const { runs, failure } = await measureScenario(scenario, {
    ...{ token: null, allowRemote: false, openFilesLimit: null, history },
    server: { logSize, flaw },
    signal: new AbortController().signal,
    progress: { update: () => {}, note: () => {} },
    onRun: async () => {},
  })
  const [run] = runs
  if (run === undefined) throw failure ?? new Error('nothing was measured')
  return run
}

/** Does something for each of some numbers, so many side by side, until one answers true. */
export async function eachUntil(
  numbers: Iterable<number>,
  sideBySide: number,
  isEnough: (number: number) => Promise<boolean>,
): Promise<void> {
  const queue = numbers[Symbol.iterator]()
  let isOver = false
  const work = async (): Promise<void> => {
    while (!isOver) {
      const { value, done } = queue.next()
      if (done === true) return
      if (await isEnough(value)) isOver = true
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work))
}
