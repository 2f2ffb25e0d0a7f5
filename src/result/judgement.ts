/** What a comparison of results says. Figures are in their base unit, as in the result document. */

export type Verdict = 'regressed' | 'improved' | 'unchanged' | 'inconclusive'

/** What a comparison says of one metric of one transport, in a sweep at one of its values. */
export interface Judgement {
  /** Its path in a run of the result document: `latency.p99Us`. */
  readonly metric: string
  readonly label: string
  /** Microseconds, bytes, a share of 0…1, or a count. */
  readonly unit: 'time' | 'bytes' | 'ratio' | 'count'
  /** As on the command line. */
  readonly transport: string
  /** As in a table's head; in a sweep with its value: `Short polling at interval=500ms`. */
  readonly transportLabel: string
  /** The value of a sweep, in its unit; null outside of one, and where it does not matter. */
  readonly point: number | null
  readonly verdict: Verdict
  /** Deterministic ones are judged by any number of runs, noisy ones by five and more. */
  readonly kind: 'deterministic' | 'noisy'
  /** This and the next: the median of the runs, of a count of faults their mean. */
  readonly baseline: number | null
  readonly candidate: number | null
  /** Both as if the instrument had been on time, where that is known: the verdict holds of these, too. */
  readonly lowerBound?: { readonly baseline: number; readonly candidate: number }
  /** Candidate to baseline: 0.1 is 10 % more. Null where there is nothing to relate to. */
  readonly change: number | null
  /** Of the change, at 95 %; null where it is not judged over repetitions. */
  readonly interval: readonly [number, number] | null
  /**
   * Of this metric by itself: Mann–Whitney's test of what differs from run to run, the exact one of
   * faults that both sides may have; null where there was none.
   */
  readonly pValue: number | null
  /** Corrected for all that is judged so in the comparison; of what differs from run to run, Welch's. */
  readonly adjustedPValue: number | null
  /** Runs that counted, of the baseline and of the candidate. */
  readonly repetitions: readonly [number, number]
  /** One line for a person: why this verdict. */
  readonly reason: string
}

/** What two results, or two sets of them, say of each other. */
export interface ResultComparison {
  /** By transport, and in the order of the catalogue of metrics. */
  readonly judgements: readonly Judgement[]
  /** One line each: another machine, runs that do not count … */
  readonly warnings: readonly string[]
  /** Regressed if any judgement is; then inconclusive, improved, unchanged in this order. */
  readonly verdict: Verdict
  /**
   * How far it could be judged: of runs that were only late, it is their faults; `part`, where of some
   * technique that was measured often enough too few runs are left for its times.
   */
  readonly judged: 'all' | 'part' | 'faults' | 'nothing'
}

export interface ScenarioComparison extends ResultComparison {
  readonly scenario: string
}
