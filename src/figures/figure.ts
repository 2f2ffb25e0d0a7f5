/** What an entry of the catalogue of figures says. */

/** What a figure is measured in: the base unit of the document, and how it is written. */
export type Dimension =
  /** A duration in microseconds whose name does not say so, as of a short name: `200ms`. */
  | 'time'
  /** This and the next also written as a duration. */
  | 'microseconds'
  | 'milliseconds'
  /** A whole number: `10k`. */
  | 'count'
  /** A count for each of something, or the mean of counts: `0.5`, `10k`. */
  | 'amount'
  /** 0 to 1: `99.9%`, `0.999`. */
  | 'ratio'
  /** Of one core, the host's of all of them: `150%`, `1.5`. */
  | 'utilisation'
  | 'bytes'
  /** Per second: `10k`, `100/s`. */
  | 'rate'
  | 'truth'

/** Something without which a run does not have the figure. */
export type Need =
  /** Something was delivered. */
  | 'deliveries'
  /** The server tells its own account, as only the reference server does. */
  | 'server'
  /** The technique gets events by requests. */
  | 'requests'
  /** Clients send. */
  | 'chat'

/** Differs from run to run, and is judged over repetitions. */
export interface Statistical {
  readonly kind: 'statistical'
  /** Judged unless something else is asked for; the others are shown beside it. */
  readonly primary?: true
  /** The drift of the machine that moves it, too; null where none does. */
  readonly movedBy: 'latency' | 'cpu' | null
  /** Of who asks at an interval it is mostly the wait for that. */
  readonly isWait: boolean
  /** Nobody knows how much of it is the instrument's: of a run that was late it tells nothing. */
  readonly punctual?: true
}

/** Fixed by the protocol and the schedule, and judged from one run on. */
export interface Deterministic {
  readonly kind: 'deterministic'
  /** Of the baseline's figure; of a ratio, an absolute share. */
  readonly tolerance: number
  /** How much of it the schedule of one seed moves, and another one moves otherwise. */
  readonly noise: 'requests' | 'emptyRatio' | 'bytes'
}

/** Ought not to happen at all, and is counted over all runs. */
export interface Fault {
  readonly kind: 'fault'
  /** The path of how often it could have happened. */
  readonly chances: string
}

/** What may be said of a figure, and where it stands. */
export interface Shown {
  readonly label?: string
  /** One line for a person who reads the report elsewhere. */
  readonly definition?: string
  /** By what techniques are ranked; without it none is best. */
  readonly better?: 'lower' | 'higher'
  /** How results are compared by it; without it they are not. */
  readonly compared?: Statistical | Deterministic | Fault
  /** Its place among the rows of a table and the metrics of a comparison; the hundreds are a table's chapters. */
  readonly place?: number
  /**
   * Has a row in the table of techniques: on the first screen, among all rows, or there where some run has
   * the figure; or on the first screen there.
   */
  readonly row?: 'first' | 'always' | 'optional' | 'first-optional'
  /** Has a column where several results stand side by side. */
  readonly overview?: true
  readonly needs?: readonly Need[]
  /** As many events as a percentile needs to be printed; fewer would be a guess. */
  readonly leastEvents?: number
  /** Describes the measurement rather than what was measured: no threshold may name it. */
  readonly descriptive?: true
}

export interface Figure extends Shown {
  /** Where it stands in a run of the document: `latency.p99Us`. */
  readonly path: string
  readonly keys: readonly string[]
  readonly dimension: Dimension
}
