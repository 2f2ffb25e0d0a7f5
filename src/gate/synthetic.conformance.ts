/** A gate on pairs of runs with known answers: no server is measured, and its clock is the runs' own. */
import { gaussian, type Noise } from '../compare/synthetic.conformance.ts'
import { scenarioOf } from '../experiment/plan.ts'
import type { Random } from '../measure/random.ts'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Judging } from './judge.ts'
import type { Measured } from './measurer.ts'
import { measureInTurn, type PairSetting } from './pair.ts'
import type { RevisionRun } from './revision.ts'

/** A run that is to be measured. */
export interface Turn {
  readonly side: 'baseline' | 'candidate'
  readonly transport: string
  /** Of the case's seed by as much more, which is that of its pair. */
  readonly seed: number
  readonly startedAt: string
}

export interface SyntheticGate {
  readonly transports: readonly string[]
  readonly setting: Partial<Omit<PairSetting, 'judging'>>
  readonly judging: Partial<Judging>
  readonly scenario: Partial<Scenario>
  /** What each run takes; a function is asked for that of the last one. */
  readonly runMs: number | (() => number)
  measure(turn: Turn): Run | Partial<RevisionRun>
}

/** As `rtbench ci` judges without a flag. */
export const USUAL_JUDGING: Judging = {
  deterministicOnly: false,
  thresholdShare: 0.1,
  judge: [],
  allowInconclusive: false,
}

/** The gate as `rtbench ci --against main` measures it, by runs that somebody made up. */
export function gateBy({
  transports,
  setting,
  judging,
  scenario,
  runMs,
  measure,
}: SyntheticGate): Promise<Measured> {
  let clockMs = 0
  const { environment, tool } = sampleResult()
  const sideOf = (side: Turn['side'], name: string) => ({
    name,
    environment,
    stored: (result: Result): Result => result,
    revision: {
      measure: async ({ scenario }: { readonly scenario: Scenario }): Promise<RevisionRun> => {
        const [transport = ''] = scenario.transports
        const startedAt = new Date(1.7e12 + clockMs).toISOString()
        const one = measure({ side, transport, seed: scenario.seed, startedAt })
        clockMs += typeof runMs === 'number' ? runMs : runMs()
        const measured = 'transport' in one ? { runs: [one] } : one
        return { runs: [], missing: [], failure: null, tool, ...measured }
      },
    },
  })
  return measureInTurn(
    {
      file: 'gate.yaml',
      scenario: { ...scenarioOf([]), seed: 1, ...scenario, transports: [...transports] },
    },
    { baseline: sideOf('baseline', 'main'), candidate: sideOf('candidate', 'the working folder') },
    {
      budgetMs: Number.POSITIVE_INFINITY,
      mostPairs: null,
      signal: new AbortController().signal,
      progress: { update() {}, note() {} },
      keep: async () => {},
      now: () => clockMs,
      judging: { ...USUAL_JUDGING, ...judging },
      ...setting,
    },
  )
}

export interface GateTrial {
  readonly noise: Noise
  /** Of the change from one of a pair to the other. */
  readonly spread: number
  /** As many as the time is enough for. */
  readonly pairs: number
  /** 1.2: the candidate's push latency is 20 % greater. */
  readonly factor: number
  /** The same of the server's CPU time. */
  readonly cpuFactor?: number
}

/** By how much the machine is another one from one pair to the next, which both of them share. */
const WANDER = 0.3

/** One gate on what a trial says. */
export function gateOn(
  { noise, spread, pairs, factor, cpuFactor = 1 }: GateTrial,
  random: Random,
): Promise<Measured> {
  const each = spread / Math.SQRT2
  let [pair, latencyUs, cpuUs] = [0, 0, 0]
  return gateBy({
    transports: ['sse'],
    scenario: {},
    judging: {},
    runMs: 4_000,
    setting: { budgetMs: pairs * 8_000 },
    measure: ({ side, seed, startedAt }) => {
      if (seed !== pair) {
        latencyUs = 5_000 * Math.exp(WANDER * gaussian(random))
        cpuUs = 30 * Math.exp(WANDER * gaussian(random))
        pair = seed
      }
      const [slower, dearer] = side === 'baseline' ? [1, 1] : [factor, cpuFactor]
      const run = sampleRun('sse', { seed, startedAt })
      const cpu = cpuUs * dearer * noise(random, each)
      return {
        ...run,
        latency: { ...run.latency, p50Us: latencyUs * slower * noise(random, each) },
        server: run.server === null ? null : { ...run.server, cpuUsPerDelivery: cpu },
      }
    },
  })
}
