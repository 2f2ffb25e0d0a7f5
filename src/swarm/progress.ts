export type Phase = 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'

/** The state of a run that is under way. */
export interface Progress {
  readonly transport: string
  readonly label: string
  readonly repetition: number
  readonly phase: Phase
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  /** Clients subscribed now. */
  readonly connected: number
  readonly clients: number
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
  readonly timeLeftMs: number | null
}
