/**
 * Real blocks to try the gate on: short runs of a server as it is, of the same again, and of one that costs a known share more
 * or answers later by a known time, round by round in turn. They are kept in a file, to which each run adds, so that as
 * many as are wanted come together over days; `gate.ts` draws from them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { scenarioOf } from '../src/experiment/plan.ts'
import { type Revision, servedRevision } from '../src/gate/revision.ts'
import { isLateWithBounds } from '../src/measure/reason.ts'
import type { Run } from '../src/result/document.ts'
import { totalCpuUsPerDelivery } from '../src/result/evidence.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import type { Print } from './bar.ts'

const FILE = new URL('../../recorded/blocks.json', import.meta.url)
/** Of each kind, over all. */
const ROUNDS = 200
export const TECHNIQUES = ['sse', 'websocket', 'long-poll', 'short-poll'] as const
/** The one that is made worse. */
export const WORSE = 'sse'
/** That of `scenarios/ci/latency.yaml`, in shorter runs: 1,000 deliveries/s, and few at a time. */
const LOAD = { clients: 100, channels: 10, rate: 10 }

/** One run: what the gate judges of it, and what it took. */
export interface Block {
  readonly round: number
  readonly technique: string
  readonly kind: string
  readonly p50Us: number | null
  readonly p50LowerUs: number | null
  readonly cpuUs: number | null
  readonly verdict: Run['validity']['verdict']
  readonly isLate: boolean
  readonly tookMs: number
}

export interface Recorded {
  readonly machine: string
  /** What a delivery costs the server as it is, by which the others are made worse. */
  readonly baseCpuUs: number
  readonly blocks: Block[]
}

/** By name, what starts a server of each kind. */
export function kindsOf(baseCpuUs: number): Readonly<Record<string, string>> {
  const burning = (share: number): string =>
    `exec node bench/.build/bench/burning-server.js {port} ${(share * baseCpuUs).toFixed(2)}`
  const late = (ms: number): string =>
    `exec node bin/rtbench.js serve --port {port} --fault delay=${ms}ms`
  return {
    same: burning(0),
    again: burning(0),
    'cpu+5%': burning(0.05),
    'cpu+10%': burning(0.1),
    'cpu+20%': burning(0.2),
    'cpu+50%': burning(0.5),
    'delay 5 ms': late(5),
    // By as much as a p50 of 5 ms and what it takes without a fault grows by a fifth.
    'delay 5 ms, +20%': late(6.2),
  }
}

/** One block's. */
export const BLOCK: Scenario = {
  ...scenarioOf([]),
  ...LOAD,
  intervalMs: 250,
  durationMs: 2_000,
  warmupMs: 1_000,
}

export function startedBy(command: string): Revision {
  const place = { side: 'block', folder: process.cwd() }
  return servedRevision(command, place, {
    token: null,
    allowRemote: false,
    openFilesLimit: null,
    withEcho: false,
    signal: new AbortController().signal,
    progress: { update() {}, note() {} },
    onRun: async () => {},
  })
}

export async function blocks(print: Print, _part: string | undefined, runs = 10): Promise<void> {
  const measure = async (technique: string, command: string, seed: number): Promise<Run> => {
    const scenario = { ...BLOCK, transports: [technique], seed }
    const { runs: measured, failure } = await startedBy(command).measure({ file: '', scenario })
    const [run] = measured
    if (run === undefined) throw failure ?? new Error('nothing measured')
    return run
  }
  const recorded = read() ?? { machine: '', baseCpuUs: await calibrate(measure), blocks: [] }
  const kinds = Object.entries(kindsOf(recorded.baseCpuUs))
  const first = Math.max(0, ...recorded.blocks.map(({ round }) => round + 1))
  print(`blocks: ${recorded.blocks.length} recorded, rounds ${first} to ${first + runs - 1}`)
  for (let round = first; round < Math.min(ROUNDS, first + runs); round++) {
    const turns = TECHNIQUES.flatMap((technique) =>
      kinds
        .filter(([kind]) => technique === WORSE || kind === 'same' || kind === 'again')
        .map(([kind, command]) => ({ technique, kind, command })),
    )
    // Each begins a round now and then, so that none is always measured at the same place.
    for (const [place] of turns.entries()) {
      const { technique, kind, command } = turns[
        (place * 5 + round) % turns.length
      ] as (typeof turns)[0]
      const beganMs = performance.now()
      const run = await measure(technique, command, round + 1)
      recorded.blocks.push({
        round,
        technique,
        kind,
        p50Us: run.latency.p50Us,
        p50LowerUs: run.latencyLowerBound?.p50Us ?? null,
        cpuUs: totalCpuUsPerDelivery(run),
        verdict: run.validity.verdict,
        isLate: isLateWithBounds(run),
        tookMs: Math.round(performance.now() - beganMs),
      })
    }
    mkdirSync(new URL('.', FILE), { recursive: true })
    writeFileSync(FILE, format(recorded))
  }
  print(`blocks: ${recorded.blocks.length} recorded`)
}

export function read(): Recorded | null {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Recorded) : null
}

/** A line a block. */
function format({ machine, baseCpuUs, blocks }: Recorded): string {
  const lines = blocks.map((block) => `  ${JSON.stringify(block)}`).join(',\n')
  return `{"machine":${JSON.stringify(machine)},"baseCpuUs":${baseCpuUs},"blocks":[\n${lines}\n]}\n`
}

async function calibrate(
  measure: (technique: string, command: string, seed: number) => Promise<Run>,
): Promise<number> {
  const figures: number[] = []
  for (let seed = 1; seed <= 5; seed++) {
    const { same = '' } = kindsOf(0)
    figures.push(totalCpuUsPerDelivery(await measure(WORSE, same, seed)) ?? Number.NaN)
  }
  return figures.sort((a, b) => a - b)[2] as number
}
