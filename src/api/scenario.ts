import type { SweepKey } from '../scenario/sweep.ts'

/** Units as on the command line: `10k`, `500ms`, `4KiB`, `6/min`; or a plain number without one. */
type Quantity = string | number

/**
 * What is to be measured: the keys of a scenario file, each with the same default, the same units
 * and the same check. Variables of the environment do not count.
 */
export interface Scenario {
  readonly name?: string
  readonly description?: string
  /** `sse`, `sse,websocket`, `['sse', 'websocket']` or `all`. */
  readonly transport?: string | readonly string[]
  /** Virtual clients per transport. */
  readonly clients?: Quantity
  /** The steady window: `10s`. */
  readonly duration?: string
  /** Published but not measured before it: `2s`, or 0. */
  readonly warmup?: Quantity
  /** Over which connecting is spread: `5s` or `auto`. */
  readonly rampUp?: string
  /** `per-client`, `broadcast` or a number. */
  readonly channels?: Quantity
  /** Events per second and channel. */
  readonly rate?: Quantity
  readonly arrivals?: 'poisson' | 'constant'
  /** Bytes of an event's data. */
  readonly payload?: Quantity
  /** The short poller's: `1s`, or 0 to ask again at once. */
  readonly interval?: Quantity
  /** The longest that a long poll is held: `30s`. */
  readonly hold?: string
  readonly engine?: 'lean' | 'library'
  /** Server processes, or `auto`. */
  readonly instances?: Quantity
  /** Swarm processes, or `auto`. */
  readonly workers?: Quantity
  readonly backplane?: string
  /** Of a server that is running already. */
  readonly url?: string
  /** How to speak to that server, when it is no reference server. */
  readonly target?: Readonly<Record<string, unknown>>
  readonly repeat?: Quantity
  /** `interval=500ms,1s`, or `{ interval: ['500ms', '1s'] }`. */
  readonly sweep?: string | { readonly [Key in SweepKey]?: readonly Quantity[] }
  /** `p99<200ms`, or several. */
  readonly threshold?: string | readonly string[]
  readonly seed?: number
}
