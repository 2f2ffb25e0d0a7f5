import type { Judging } from '../cli/ci/options.ts'
import type { Check } from '../report/check.ts'
import type { Result } from '../result/document.ts'
import { type Judged, judge } from './judge.ts'

/** What one measurement of a case gave. */
export interface Take {
  /** Null where nothing was measured. */
  readonly candidate: Result | null
  /** What it is compared with; null where there is nothing. */
  readonly baseline: Result | null
  /** The commit of the baseline, where that was measured now, too; null where it was stored before. */
  readonly against: string | null
  /** What kept runs from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** The newest that there is of each transport, and where it comes from. */
export interface Looked extends Take {
  /** All that was measured, one after the other and as it was, also by a look that failed. */
  readonly takes: readonly Take[]
  /** What each look says of the transports that it measured; none where nothing was measured. */
  readonly looks: readonly Judged[]
}

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
): Promise<Looked> {
  const takes = [first]
  const looks: Judged[] = []
  let last = first
  let transports = first.candidate?.scenario.transports ?? []
  while (last.candidate !== null) {
    const { candidate, baseline, against } = last
    // The others' runs were judged before, and are of another minute than these.
    const anew = only(transports, candidate)
    const found = judge(anew, baseline === null ? null : only(transports, baseline), {
      ...judging,
      isPaired: against !== null,
    })
    looks.push(found)
    if (looks.length === most || last.failure !== null || signal.aborted) break
    const doubts = found.doubts.filter(isIn(looks))
    if (!found.doubtful || doubts.length === 0) break
    const doubted = anew.runs.filter(({ technique }) =>
      doubts.some(({ transport }) => transport === technique.label),
    )
    transports = [...new Set(doubted.map(({ transport }) => transport))]
    const next = await again(transports)
    takes.push(next)
    // Stopped, or failed: what there is stays.
    if (next.candidate === null || next.failure !== null || signal.aborted) {
      return { ...last, failure: next.failure, takes, looks }
    }
    last = {
      ...next,
      candidate: replaced(candidate, next.candidate, transports),
      baseline:
        next.against !== null && baseline !== null && next.baseline !== null
          ? replaced(baseline, next.baseline, transports)
          : next.baseline,
    }
  }
  return { ...last, takes, looks }
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

/** The part of a result that is of some transports. */
function only(transports: readonly string[], result: Result): Result {
  const isAsked = ({ transport }: { readonly transport: string }): boolean =>
    transports.includes(transport)
  return {
    ...result,
    scenario: {
      ...result.scenario,
      transports: result.scenario.transports.filter((name) => transports.includes(name)),
    },
    runs: result.runs.filter(isAsked),
    missing: result.missing.filter(isAsked),
  }
}

/**
 * What all looks at a case say of it. A metric that regressed in some of them and not in all that
 * could tell is not confirmed: no failure, and not hidden either.
 */
export function confirmed(looks: readonly Judged[]): readonly Check[] {
  const newest = newestOf(looks)
  const doubts = looks.flatMap((look) => look.doubts)
  // A loss that the baseline at last has none of is no doubt any more.
  const sure = newest.filter((check) => check.outcome === 'failed' && !doubts.includes(check))
  const open = doubts.filter((doubt) => !sure.some(isSame(doubt)))
  const first = open.filter((doubt, i) => open.findIndex(isSame(doubt)) === i)
  const regressed = first.filter(isIn(looks))
  // A look that cannot tell leaves what the one before it has told.
  const lastOf = (doubt: Check): Check => open.findLast(isSame(doubt)) ?? doubt
  return [
    ...newest.filter((check) => !first.some(isSame(check))),
    ...regressed.map(lastOf),
    ...first
      .filter((doubt) => !regressed.includes(doubt))
      .map((doubt): Check => {
        const times = doubts.filter(isSame(doubt)).length
        const all = looks.filter(({ told }) => told.some(isSame(doubt))).length
        return {
          ...doubt,
          outcome: 'skipped',
          verdict: 'not confirmed',
          message: `regressed in ${times} of ${all} measurements: ${doubt.message}`,
        }
      }),
  ]
}

/** Of each transport what the last look says that measured it. */
function newestOf(looks: readonly Judged[]): readonly Check[] {
  const labels = new Set(looks.flatMap(({ checks }) => checks.map(({ transport }) => transport)))
  return [...labels].flatMap((label) => {
    const own = looks.map(({ checks }) => checks.filter(({ transport }) => transport === label))
    return own.findLast((checks) => checks.length > 0) ?? []
  })
}

/** Regressed in every look that could tell. */
function isIn(looks: readonly Judged[]): (doubt: Check) => boolean {
  return (doubt) =>
    looks.every(({ told, doubts }) => !told.some(isSame(doubt)) || doubts.some(isSame(doubt)))
}

function isSame(one: Check): (other: Check) => boolean {
  return (other) =>
    one.kind === other.kind && one.transport === other.transport && one.name === other.name
}
