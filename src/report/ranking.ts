/**
 * What measured figures say of techniques, for whoever concludes from them: a run's headline and advice. Criterion by criterion those
 * are left behind that are shown to be worse than another one; who cannot be told apart is not ranked.
 */
import { differenceOf, type Lies, relationOf } from '../compare/relation.ts'

/** A figure by which techniques are ranked; less is better. */
export interface Criterion<Candidate, Name extends string = string> {
  readonly by: Name
  /** Null where nothing is known: then it may be anything. */
  lies(candidate: Candidate): (Lies & { readonly value: number }) | null
  /** The least difference that matters, beside a tenth of the lesser one. */
  readonly matters: number
}

/** What left others behind. */
interface Step<Candidate, Name extends string = string> {
  readonly by: Name
  /** Of those left behind, the nearest, and the one of the others that is nearest to it. */
  readonly against: Candidate
  /** Shown to be worse, and perhaps by less than matters. */
  readonly isByLittle: boolean
}

/** Two that are both left, and that a criterion cannot tell apart. */
interface Open<Candidate, Name extends string = string> {
  readonly by: Name
  readonly pair: readonly [Candidate, Candidate]
}

export interface Ranking<Candidate, Name extends string = string> {
  /** None of them is shown to be worse than another; of one nobody was. */
  readonly first: readonly Candidate[]
  readonly steps: readonly Step<Candidate, Name>[]
  /** Empty where all that are first are shown to be equivalent. */
  readonly open: readonly Open<Candidate, Name>[]
}

const UNKNOWN = { value: 0, low: 0, high: null } as const

/** Ranks by one criterion after the other; one of which nothing is known of anybody is none. */
export function rank<Candidate, Name extends string>(
  candidates: readonly Candidate[],
  all: readonly Criterion<Candidate, Name>[],
): Ranking<Candidate, Name> {
  const criteria = all.filter(({ lies }) => candidates.some((one) => lies(one) !== null))
  let first = candidates
  const steps: Step<Candidate, Name>[] = []
  for (const criterion of criteria) {
    const { by } = criterion
    const isWorse = (one: Candidate): boolean =>
      first.some((other) => relation(criterion, other, one) === 'less')
    const behind = first
      .filter(isWorse)
      .sort((one, other) => figureAt(criterion, one) - figureAt(criterion, other))
    const [against] = behind
    if (against === undefined) continue
    const left = first.filter((one) => !behind.includes(one))
    const isByLittle = left.every((one) => isLittle(criterion, one, against))
    steps.push({ by, against, isByLittle })
    first = left
  }
  const open = criteria.flatMap((criterion) =>
    pairsOf(first)
      .filter(([one, other]) => relation(criterion, one, other) === 'untold')
      .map((pair) => ({ by: criterion.by, pair })),
  )
  return { first, steps, open }
}

function relation<Candidate>(criterion: Criterion<Candidate>, one: Candidate, other: Candidate) {
  const [a, b] = [criterion.lies(one) ?? UNKNOWN, criterion.lies(other) ?? UNKNOWN]
  return relationOf(a, b, mattersOf(criterion, a.value, b.value))
}

function isLittle<Candidate>(
  criterion: Criterion<Candidate>,
  one: Candidate,
  worse: Candidate,
): boolean {
  const [a, b] = [criterion.lies(one) ?? UNKNOWN, criterion.lies(worse) ?? UNKNOWN]
  return differenceOf(a, b)[0] <= mattersOf(criterion, a.value, b.value)
}

/** Where nothing is too little to matter, a tenth is not either. */
function mattersOf({ matters }: Criterion<never>, one: number, other: number): number {
  return matters === 0 ? 0 : Math.max(matters, Math.min(one, other) / 10)
}

function figureAt<Candidate>(criterion: Criterion<Candidate>, candidate: Candidate): number {
  return (criterion.lies(candidate) ?? UNKNOWN).value
}

function pairsOf<Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] {
  return items.flatMap((one, i) => items.slice(i + 1).map((other) => [one, other] as const))
}
