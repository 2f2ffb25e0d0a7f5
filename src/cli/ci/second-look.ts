import type { Check } from '../../report/check.ts'
import type { Result } from '../../result/document.ts'
import type { Measured, Pairing } from './gate.ts'
import { type Judged, judge } from './judge.ts'
import type { Judging } from './options.ts'

/** What one measurement of a case gave. */
export type Take = Omit<Measured, 'written' | 'earlier'>

interface Looks {
  /** How often a case is measured at most. */
  readonly most: number
  readonly judging: Judging
  readonly signal: AbortSignal
  /** Measures some transports of the case again. */
  again(transports: readonly string[]): Promise<Take>
}

/**
 * Measures the transports again of which something regressed, as long as one and the same metric
 * did each time: a busy machine slows down now this one and now that one.
 */
export async function withSecondLooks(
  first: Take,
  { most, judging, signal, again }: Looks,
): Promise<Omit<Measured, 'written'>> {
  const earlier: Pairing[] = []
  const judged: Judged[] = []
  let last = first
  while (last.candidate !== null && last.failure === null && !signal.aborted) {
    const { candidate, baseline } = last
    const found = judge(candidate, baseline, judging)
    judged.push(found)
    const labels = new Set(found.doubts.filter(isIn(judged)).map(({ transport }) => transport))
    if (judged.length === most || !found.doubtful || labels.size === 0) break
    const doubted = candidate.runs.filter(({ technique }) => labels.has(technique.label))
    const transports = [...new Set(doubted.map(({ transport }) => transport))]
    const next = await again(transports)
    // Stopped, or failed: what there is stays.
    if (next.candidate === null || next.failure !== null || signal.aborted) {
      return { ...last, failure: next.failure, earlier }
    }
    earlier.push({ candidate, baseline })
    last = {
      ...next,
      candidate: replaced(candidate, next.candidate, transports),
      baseline:
        next.paired && baseline !== null && next.baseline !== null
          ? replaced(baseline, next.baseline, transports)
          : next.baseline,
    }
  }
  return { ...last, earlier }
}

/** A result whose runs of some transports are those of another one. */
function replaced(result: Result, next: Result, transports: readonly string[]): Result {
  const sourceOf = (name: string): Result => (transports.includes(name) ? next : result)
  const names = result.scenario.transports
  return {
    ...result,
    runs: names.flatMap((name) => sourceOf(name).runs.filter(isOf(name))),
    missing: names.flatMap((name) => sourceOf(name).missing.filter(isOf(name))),
  }
}

function isOf(name: string): (run: { readonly transport: string }) => boolean {
  return ({ transport }) => transport === name
}

/**
 * The checks of the last of some measurements of a case. A metric that regressed in some of them and
 * not in all is not confirmed: no failure, and not hidden either.
 */
export function confirmed(judged: readonly Judged[]): readonly Check[] {
  const last = judged.at(-1)
  if (last === undefined) return []
  const doubts = judged.flatMap((one) => one.doubts)
  // A loss that the baseline at last has none of is no doubt any more.
  const sure = last.checks.filter(
    (check) => check.outcome === 'failed' && !last.doubts.includes(check),
  )
  const unconfirmed = doubts.filter((doubt) => !isIn(judged)(doubt) && !sure.some(isSame(doubt)))
  const kept = last.checks.filter((check) => !unconfirmed.some(isSame(check)))
  const first = unconfirmed.filter((doubt, i) => unconfirmed.findIndex(isSame(doubt)) === i)
  return [
    ...kept,
    ...first.map((doubt): Check => {
      const times = doubts.filter(isSame(doubt)).length
      return {
        ...doubt,
        outcome: 'skipped',
        verdict: 'not confirmed',
        message: `regressed in ${times} of ${judged.length} measurements: ${doubt.message}`,
      }
    }),
  ]
}

/** Regressed in every measurement. */
function isIn(judged: readonly Judged[]): (doubt: Check) => boolean {
  return (doubt) => judged.every(({ doubts }) => doubts.some(isSame(doubt)))
}

function isSame(one: Check): (other: Check) => boolean {
  return (other) => one.transport === other.transport && one.name === other.name
}
