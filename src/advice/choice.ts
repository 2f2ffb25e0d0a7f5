/** Which technique to take: by what was measured, and where that is shown to be the same, by a preference. */
import { type Criterion as Ranked, rank } from '../report/ranking.ts'
import {
  type Cost,
  type Criterion,
  type Decision,
  type Estimate,
  NEGLIGIBLE,
  type TechniqueAdvice,
  type Untold,
  type Workload,
} from '../result/advice.ts'

/** A suitable technique with its costs. */
export type Candidate = TechniqueAdvice & { readonly estimate: Estimate }

export interface Choice {
  /** Nothing was shown against any of them; a preference left one of them. */
  readonly among: readonly Candidate[]
  readonly decided: readonly Decision[]
  /** By what they cannot be told apart. */
  readonly untold: readonly Untold[]
}

type Rule<Name extends Criterion = Criterion> = Ranked<Candidate, Name>

/** In this order: what the server's processors, the network and its memory have to carry. */
const COSTS: readonly Rule<Cost>[] = [
  { by: 'cpu', lies: ({ estimate }) => estimate.serverCores, matters: NEGLIGIBLE.serverCores },
  {
    by: 'bandwidth',
    lies: ({ estimate }) => estimate.bytesPerSecond,
    matters: NEGLIGIBLE.bytesPerSecond,
  },
  {
    by: 'memory',
    lies: ({ estimate }) => estimate.serverMemoryBytes,
    matters: NEGLIGIBLE.serverMemoryBytes,
  },
]

/** Every difference matters that is shown. */
const CHEAP: readonly Rule[] = COSTS.map((rule) => ({ ...rule, matters: 0 }))

const FAST: Rule = {
  by: 'latency',
  lies: ({ latencyLowerUs, latencyUs }) =>
    latencyUs === null
      ? null
      : { value: latencyUs, low: latencyLowerUs ?? latencyUs, high: latencyUs },
  matters: 0,
}

const SIMPLE = exactly('complexity', ({ complexityGrade }) => complexityGrade)
const TWO_WAYS = exactly('bidirectional', ({ bidirectional }) => (bidirectional ? 0 : 1))

/** Known without measuring it. */
function exactly(by: Criterion, figure: (candidate: Candidate) => number): Rule {
  const lies = (candidate: Candidate) => {
    const value = figure(candidate)
    return { value, low: value, high: value }
  }
  return { by, lies, matters: 0 }
}

/** What `--prefer` may be beside a technique's name. */
export const PREFERENCES = ['simple', 'fast', 'cheap'] as const

/** What is preferred of techniques that cost the same; simplicity decides where that does not. */
function preferenceOf(prefer: string): readonly Rule[] {
  switch (prefer) {
    case 'simple':
      return [SIMPLE]
    case 'fast':
      return [FAST, SIMPLE]
    case 'cheap':
      return [...CHEAP, SIMPLE]
    default:
      return [exactly('preferred', ({ transport }) => (transport === prefer ? 0 : 1)), SIMPLE]
  }
}

/**
 * Chooses among suitable techniques. Costs leave behind who is shown to cost more; where those that are left are shown
 * to cost the same, a preference decides, and where they cannot be told apart, nothing does. Where clients send often, who carries
 * both ways comes first, unless the cheapest is wanted or another one by name.
 */
export function choose(
  candidates: readonly Candidate[],
  { clientToServer }: Pick<Workload, 'clientToServer'>,
  prefer: string = 'simple',
): Choice {
  const isTwoWays = clientToServer === 'chatty' && (prefer === 'simple' || prefer === 'fast')
  const before = rank(candidates, isTwoWays ? [TWO_WAYS] : [])
  const costs = rank(before.first, COSTS)
  const told = (
    isOpinion: boolean,
    { steps }: { steps: typeof before.steps },
  ): readonly Decision[] =>
    steps.map(({ by, against, isByLittle }) => ({
      by,
      against: against.transport,
      isOpinion,
      isByLittle: isByLittle && !isOpinion,
    }))
  const decided = [...told(true, before), ...told(false, costs)]
  const untold = costs.open.map(
    ({ by, pair: [one, other] }): Untold => ({
      by,
      pair: [one.transport, other.transport],
    }),
  )
  if (untold.length > 0) return { among: costs.first, decided, untold }
  const after = rank(costs.first, preferenceOf(prefer))
  // Equals in all that is known: the first of them, as they are listed.
  const among = after.first.slice(0, 1)
  return { among, decided: [...decided, ...told(true, after)], untold }
}
