export type Verdict = 'regressed' | 'improved' | 'unchanged' | 'inconclusive'

/** What a comparison says of one metric of one transport. */
export interface Judgement {
  /** As in the catalogue: `latency.p99Us`. */
  readonly metric: string
  readonly label: string
  /** What the figures are: microseconds, bytes, a share of 0…1 or a count. */
  readonly unit: Unit
  /** As on the command line. */
  readonly transport: string
  readonly transportLabel: string
  readonly verdict: Verdict
  readonly kind: 'deterministic' | 'noisy'
  /** This and the next: the runs' median, of a count of faults their mean; in the base unit. */
  readonly baseline: number | null
  readonly candidate: number | null
  /** Candidate to baseline: 0.1 is 10 % more. Null where there is nothing to relate to. */
  readonly change: number | null
  /** Of the change, at 95 %; null where runs are too few, or the metric has no noise to speak of. */
  readonly interval: readonly [number, number] | null
  /** Of the Mann–Whitney test of this metric alone; null of a deterministic metric. */
  readonly pValue: number | null
  /** What decides: corrected for all the metrics that the comparison asks about. */
  readonly adjustedPValue: number | null
  /** Runs that counted, of the baseline and of the candidate. */
  readonly repetitions: readonly [number, number]
  /** One line for a person: why this verdict. */
  readonly reason: string
}

export type Unit = 'time' | 'bytes' | 'ratio' | 'count'
