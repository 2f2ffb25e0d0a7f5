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
  /** Deterministic ones are judged by any number of runs, noisy ones by several. */
  readonly kind: 'deterministic' | 'noisy'
  /** It counts for the comparison's verdict; else it is shown, with the verdict that it would have. */
  readonly isJudged: boolean
  /** Noisy, and the runs of both sides were measured in turn: each is held against its neighbour. */
  readonly isPaired: boolean
  /** This and the next: the median of the runs, of a count of faults their mean. */
  readonly baseline: number | null
  readonly candidate: number | null
  /** Both as if the instrument had been on time, where that is known: the verdict holds of these, too. */
  readonly lowerBound?: { readonly baseline: number; readonly candidate: number }
  /** Candidate to baseline: 0.1 is 10 % more. Null where there is nothing to relate to. */
  readonly change: number | null
  /** Of the change, at 95 %; null where it is not judged over repetitions. */
  readonly interval: readonly [number, number] | null
  /** The smallest change that would have been found in 4 of 5 cases; null where there is no interval. */
  readonly detectable: number | null
  /** Of faults: the exact test of both counts; null of all else. */
  readonly pValue: number | null
  /** Corrected for all faults of the comparison. */
  readonly adjustedPValue: number | null
  /** Cannot be told yet, and by more runs of the same kind it could. */
  readonly moreRunsTell: boolean
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
  /**
   * Regressed if any judgement is that counts; then inconclusive, also where there is nothing to judge or a
   * technique has no run; improved; unchanged where all are.
   */
  readonly verdict: Verdict
}

export interface ScenarioComparison extends ResultComparison {
  readonly scenario: string
}
