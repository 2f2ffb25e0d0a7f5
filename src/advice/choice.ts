import {
  type Criterion,
  type Decision,
  type Estimate,
  FARTHEST,
  NEGLIGIBLE,
  type TechniqueAdvice,
  type Workload,
} from '../result/advice.ts'

/** A suitable technique with its costs. */
export type Candidate = TechniqueAdvice & { readonly estimate: Estimate }

/** Which technique, and what left the others behind. */
export interface Choice {
  readonly chosen: Candidate
  readonly decided: readonly Decision[]
}

interface Rule {
  readonly by: Criterion
  /** Less is better; null where it is not known. */
  figure(candidate: Candidate): number | null
  /** The least that it may be, where it is not known exactly. */
  readonly lower?: (candidate: Candidate) => number
  /** Figures as near as this, or within a tenth, are equal: nobody builds otherwise for less. */
  readonly slack: number
}

/**
 * Not those of a load far beyond the runs: most of what they took may be the process's own, and a busy
 * server answers many at a time, so that the order of two techniques may be the other way round.
 */
function trustedCores({ estimate }: Candidate): number | null {
  return estimate.cpuFactor > FARTHEST ? null : estimate.serverCores
}

/** In this order: what the server's processors, the network and its memory have to carry. */
const COSTS: readonly Rule[] = [
  { by: 'cpu', figure: trustedCores, slack: NEGLIGIBLE.serverCores },
  {
    by: 'bandwidth',
    figure: ({ estimate }) => estimate.bytesPerSecond,
    slack: NEGLIGIBLE.bytesPerSecond,
  },
  {
    by: 'memory',
    figure: ({ estimate }) => estimate.serverMemoryBytes,
    slack: NEGLIGIBLE.serverMemoryBytes,
  },
]

/**
 * Of what costs about the same: the faster one, by as much as matters to who wants that latency, then
 * the simpler one, then whichever is faster at all.
 */
function tieBreakers({ wanted }: Pick<Workload, 'wanted'>): readonly Rule[] {
  const latency = {
    by: 'latency',
    figure: ({ latencyUs }: Candidate) => latencyUs ?? 0,
    lower: ({ latencyLowerUs, latencyUs }: Candidate) => latencyLowerUs ?? latencyUs ?? 0,
  } as const
  return [
    { ...latency, slack: wanted.latencyUs / 10 },
    { by: 'complexity', figure: ({ complexityGrade }) => complexityGrade, slack: 0 },
    { ...latency, slack: 0 },
  ]
}

const TWO_WAYS: Rule = {
  by: 'bidirectional',
  figure: ({ bidirectional }) => (bidirectional ? 0 : 1),
  slack: 0,
}

/**
 * Chooses among suitable techniques: rule by rule those stay that are about as good as the best. The
 * criteria that decided are those that left others behind.
 * Where clients send often, who carries both ways comes first.
 */
export function choose(
  candidates: readonly Candidate[],
  workload: Pick<Workload, 'clientToServer' | 'wanted'>,
): Choice | null {
  let left = candidates
  const decided: Decision[] = []
  const first = workload.clientToServer === 'chatty' ? [TWO_WAYS] : []
  for (const rule of [...first, ...COSTS, ...tieBreakers(workload)]) {
    const figures = left.flatMap((candidate) => {
      const figure = rule.figure(candidate)
      return figure === null ? [] : [{ candidate, figure }]
    })
    // What is not known of one of them is no reason for or against any.
    if (figures.length < left.length) continue
    const best = Math.min(...figures.map(({ figure }) => figure))
    const near = figures.filter(({ candidate, figure }) =>
      isNear(rule.lower?.(candidate) ?? figure, best, rule),
    )
    const [nearest] = figures
      .filter((one) => !near.includes(one))
      .sort((one, other) => one.figure - other.figure)
    if (nearest !== undefined) decided.push({ by: rule.by, against: nearest.candidate.transport })
    left = near.map(({ candidate }) => candidate)
  }
  const [chosen] = left
  return chosen === undefined ? null : { chosen, decided }
}

function isNear(figure: number, best: number, { slack, by }: Rule): boolean {
  const tenth = by === 'complexity' || by === 'bidirectional' ? 0 : best / 10
  return figure - best <= Math.max(slack, tenth)
}
