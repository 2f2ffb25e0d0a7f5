/**
 * How often a whole gate is wrong, and what it finds: `measureInTurn`, as `rtbench ci --against` calls it, over sequences of
 * blocks that are drawn again and again. The blocks are synthetic, of known spreads, or the real ones that `blocks`
 * has recorded, and no clock is read but the blocks' own: the figures are the same on every machine. `gate/real` measures
 * gates as they are, each kind once or `--runs` times.
 */

import { gaussian } from '../src/compare/synthetic.conformance.ts'
import type { Judged } from '../src/gate/judge.ts'
import { measureInTurn } from '../src/gate/pair.ts'
import { gateBy, type Turn, USUAL_JUDGING } from '../src/gate/synthetic.conformance.ts'
import { type Random, seededRandom } from '../src/measure/random.ts'
import type { Result, Run } from '../src/result/document.ts'
import { readEnvironment } from '../src/result/environment.ts'
import type { Verdict } from '../src/result/judgement.ts'
import { type SampleTransport, sampleLatency, sampleRun } from '../src/result/sample.conformance.ts'
import type { Print } from './bar.ts'
import { BLOCK, type Block, kindsOf, read, startedBy, TECHNIQUES, WORSE } from './blocks.ts'

const GATES = 2_000
const SEED = 1
const MINUTE_MS = 60_000

/** Draws the block of a side, in the place where a technique is measured. */
type Draw = (technique: string, repetition: number) => Block

/** A gate's blocks, of both sides. */
type Pairs = (random: Random) => { readonly baseline: Draw; readonly candidate: Draw }

export async function gate(
  print: Print,
  part: string | undefined,
  runs: number = GATES,
): Promise<void> {
  if (part === undefined || part === 'synthetic') await synthetic(print, runs)
  if (part === undefined || part === 'recorded') await recorded(print, runs)
  if (part?.startsWith('real')) await real(print, part.split('/')[1], runs === GATES ? 1 : runs)
}

async function synthetic(print: Print, runs: number): Promise<void> {
  print(`gates of blocks that take 4 s and spread log-normally, ${runs} each`)
  for (const [techniques, minutes] of [
    [TECHNIQUES.slice(0, 1), 5],
    [TECHNIQUES, 15],
  ] as const) {
    for (const spread of [0.06, 0.09, 0.12, 0.18]) {
      for (const factor of [1, 1.05, 1.12, 1.2, 1.5]) {
        const draw =
          (random: Random, scale: number): Draw =>
          (technique, repetition) => {
            const figure = (middle: number): number =>
              middle * (technique === WORSE ? scale : 1) * Math.exp(spread * gaussian(random))
            return block(technique, repetition, figure(5_000), figure(20))
          }
        const pairs: Pairs = (random) => ({
          baseline: draw(random, 1),
          candidate: draw(random, factor),
        })
        const name = `${techniques.length} techniques, spread of a run ${percent(spread)}, ${change(factor)}`
        print(`  ${name}: ${await verdicts(pairs, techniques, minutes, runs)}`)
      }
    }
  }
}

function block(technique: string, round: number, p50Us: number, cpuUs: number): Block {
  const figures = { p50Us, p50LowerUs: p50Us, cpuUs }
  return { round, technique, kind: '', ...figures, verdict: 'valid', isLate: false, tookMs: 4_000 }
}

/** What is held against what. */
const KINDS = [
  ['same', 'again'],
  ['same', 'cpu+5%'],
  ['same', 'cpu+10%'],
  ['same', 'cpu+20%'],
  ['same', 'cpu+50%'],
  ['delay 5 ms', 'delay 5 ms, +20%'],
] as const

/** Rounds that are drawn together, since what disturbs a machine lasts for some of them. */
const TOGETHER = 5

async function recorded(print: Print, runs: number): Promise<void> {
  const known = read()
  if (known === null) {
    print('no blocks are recorded: npm run bench -- blocks')
    return
  }
  const { blocks, machine } = known
  const rounds = 1 + Math.max(...blocks.map(({ round }) => round))
  const at = new Map(blocks.map((one) => [`${one.technique} ${one.kind} ${one.round}`, one]))
  print(`gates of ${rounds} recorded blocks of each kind (${machine}), ${runs} each`)
  for (const [techniques, minutes] of [
    [[WORSE], 5],
    [TECHNIQUES, 15],
  ] as const) {
    for (const [before, after] of KINDS) {
      const pairs: Pairs = (random) => {
        // Of both sides from the same round, as they were measured in turn; now the one first and now the other.
        const isTurned = before === 'same' && after === 'again' && random() < 0.5
        const places = resampled(rounds, random)
        const draw =
          (isBaseline: boolean): Draw =>
          (technique, repetition) => {
            const isPlain = technique !== WORSE
            const [one, other] = isPlain ? ['same', 'again'] : [before, after]
            const kind = isBaseline !== isTurned ? one : other
            const found = at.get(`${technique} ${kind} ${places(repetition)}`)
            if (found === undefined) throw new Error(`no block of ${technique} ${kind}`)
            return found
          }
        return { baseline: draw(true), candidate: draw(false) }
      }
      const told = await verdicts(pairs, techniques, minutes, runs)
      print(`  ${techniques.length} techniques, ${before} and ${after}: ${told}`)
    }
  }
}

/**
 * Gates of one technique that are measured now, on servers of known answers.
 * @param kind of which alone, counted from 1; all where it is not said
 */
async function real(print: Print, kind: string | undefined, runs: number): Promise<void> {
  const known = read()
  if (known === null) {
    print('what a delivery costs is not known yet: npm run bench -- blocks --runs 1')
    return
  }
  const commands = kindsOf(known.baseCpuUs)
  const environment = await readEnvironment()
  const side = (name: string) => ({
    name,
    environment,
    revision: startedBy(commands[name] as string),
    stored: (result: Result): Result => result,
  })
  const case_ = { file: 'gate.yaml', scenario: { ...BLOCK, transports: [WORSE], seed: FIRST_SEED } }
  for (const [at, [before, after]] of KINDS.entries()) {
    if (kind !== undefined && Number(kind) !== at + 1) continue
    for (let run = 0; run < runs; run++) {
      const beganMs = performance.now()
      const { judged, failure } = await measureInTurn(
        case_,
        { baseline: side(before), candidate: side(after) },
        {
          budgetMs: 5 * MINUTE_MS,
          mostPairs: null,
          judging: USUAL_JUDGING,
          signal: new AbortController().signal,
          progress: { update() {}, note() {} },
          keep: async () => {},
          now: () => performance.now(),
        },
      )
      if (failure !== null) throw failure
      const told = (judged?.judgements ?? [])
        .filter(({ isJudged, kind }) => isJudged && kind === 'noisy')
        .map(({ label, verdict, repetitions: [pairs], interval }) => {
          const lies = interval === null ? '' : ` (${interval.map(percent).join(' to ')})`
          return `${label} ${verdict}${lies}, ${pairs} pairs`
        })
      const minutes = ((performance.now() - beganMs) / MINUTE_MS).toFixed(1)
      print(
        `  ${before} and ${after}: ${verdictOf(judged)} in ${minutes} minutes (${told.join('; ')})`,
      )
    }
  }
}

/** Of a repetition the recorded round: some that follow each other, from a place drawn by chance. */
function resampled(rounds: number, random: Random): (repetition: number) => number {
  const starts: number[] = []
  return (repetition) => {
    const group = Math.floor(repetition / TOGETHER)
    starts[group] ??= Math.floor(random() * rounds)
    return (starts[group] + (repetition % TOGETHER)) % rounds
  }
}

/** The shares of the verdicts of whole gates, and the time that they take. */
async function verdicts(
  pairs: Pairs,
  techniques: readonly string[],
  minutes: number,
  runs: number,
): Promise<string> {
  const random = seededRandom(SEED, 0)
  const counts = new Map<Verdict, number>()
  let spentMs = 0
  for (let run = 0; run < runs; run++) {
    const { verdict, tookMs } = await oneGate(pairs(random), techniques, minutes * MINUTE_MS)
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    spentMs += tookMs
  }
  const shares = (['regressed', 'improved', 'unchanged', 'inconclusive'] as const).map(
    (verdict) => `${verdict} ${percent((counts.get(verdict) ?? 0) / runs)}`,
  )
  return `${shares.join(', ')}, in ${(spentMs / runs / MINUTE_MS).toFixed(1)} of ${minutes} minutes`
}

/** That of the first pair, which is repetition 0 to those who draw. */
const FIRST_SEED = 1

async function oneGate(
  draws: Readonly<Record<Turn['side'], Draw>>,
  techniques: readonly string[],
  budgetMs: number,
): Promise<{ readonly verdict: Verdict; readonly tookMs: number }> {
  let [tookMs, lastMs] = [0, 0]
  const { judged } = await gateBy({
    transports: techniques,
    scenario: { seed: FIRST_SEED },
    judging: {},
    setting: { budgetMs },
    measure: ({ side, transport, seed, startedAt }) => {
      const one = draws[side](transport, seed - FIRST_SEED)
      lastMs = one.tookMs
      tookMs += lastMs
      return runOf(one, startedAt, seed)
    },
    runMs: () => lastMs,
  })
  return { verdict: verdictOf(judged), tookMs }
}

function verdictOf(judged: Judged | null): Verdict {
  const verdicts = (judged?.judgements ?? []).filter(({ isJudged }) => isJudged)
  const order = ['regressed', 'improved', 'inconclusive', 'unchanged'] as const
  const verdict = order.find((one) => verdicts.some((judgement) => judgement.verdict === one))
  return verdict ?? 'inconclusive'
}

/** A run with a block's figures; what the gate does not judge is a sample's. */
function runOf(
  { technique, p50Us, p50LowerUs, cpuUs, verdict, isLate }: Block,
  startedAt: string,
  seed: number,
): Run {
  const sample = sampleRun(technique as SampleTransport)
  const reason = {
    code: isLate ? 'starved' : 'offered',
    severity: 'invalid' as const,
    message: '',
    value: 1,
    limit: 0,
  }
  return {
    ...sample,
    startedAt,
    seed,
    latency: { ...sample.latency, p50Us },
    latencyLowerBound: { ...sampleLatency(1, 2), p50Us: p50LowerUs },
    server: sample.server === null ? null : { ...sample.server, cpuUsPerDelivery: cpuUs },
    validity: { verdict, reasons: verdict === 'invalid' ? [reason] : [] },
  }
}

function change(factor: number): string {
  return factor === 1 ? 'the same' : `+${percent(factor - 1)}`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
