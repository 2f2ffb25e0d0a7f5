/** Whether what is left of two sides' runs is a fair sample of both. */
import { binomialAtLeast } from '../measure/distribution.ts'
import type { Judgement, Verdict } from '../result/judgement.ts'

/** Runs of a side, of one technique, that are not judged. */
export interface LeftOut {
  /** The side, as people speak of it. */
  readonly name: string
  readonly repetitions: ReadonlySet<number>
}

/** What of each side is left out of a figure, and how many pairs there were. */
export interface LeftOuts {
  readonly baseline: LeftOut
  readonly candidate: LeftOut
  readonly pairs: number
}

/** The chance, on one side, that a machine that hits both sides alike is taken for one that does not. */
const LEVEL = 0.005
/** A share of the pairs, below which what is left out moves no median by what matters. */
const LEAST_SHARE = 0.1

/** What stays true of a side though its slow moments are not in it. */
const STANDS: Readonly<Record<'baseline' | 'candidate', Verdict>> = {
  baseline: 'improved',
  candidate: 'regressed',
}

/**
 * A judgement that cannot be told where one side's runs are left out far more often than the other's, by a sign test of the
 * pairs that lost one of the two alone. Most often those are that side's slow moments, so that the rest flatters it: what speaks
 * against it all the same stands.
 */
export function fairly(judgement: Judgement, { baseline, candidate, pairs }: LeftOuts): Judgement {
  const { kind, verdict } = judgement
  if (kind === 'deterministic' || verdict === 'inconclusive') return judgement
  const [before, after] = [lost(baseline, candidate), lost(candidate, baseline)]
  const side = after > before ? 'candidate' : 'baseline'
  const most = Math.max(before, after)
  if (most - Math.min(before, after) < LEAST_SHARE * pairs) return judgement
  if (binomialAtLeast(most, before + after, 0.5) > LEVEL || verdict === STANDS[side])
    return judgement
  const { name, repetitions } = { baseline, candidate }[side]
  const other = side === 'candidate' ? baseline : candidate
  return {
    ...judgement,
    verdict: 'inconclusive',
    detectable: null,
    moreRunsTell: false,
    reason: `runs of ${name} did not count or were late far more often (${repetitions.size} of ${pairs}, of ${other.name} ${other.repetitions.size}), and the rest flatters it; see their validity in its result`,
  }
}

/** How many pairs lost the run of this side alone. */
function lost({ repetitions }: LeftOut, other: LeftOut): number {
  return [...repetitions].filter((repetition) => !other.repetitions.has(repetition)).length
}
