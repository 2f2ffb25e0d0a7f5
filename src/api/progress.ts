/** What a live run tells: once a second, and at the beginning of each phase. */
export interface Progress {
  /** `sse`, in a sweep `short-poll at interval=500ms`. */
  readonly transport: string
  /** `Server-Sent Events` */
  readonly label: string
  readonly repetition: number
  readonly phase: 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  /** Clients subscribed now, of so many. */
  readonly connected: number
  readonly clients: number
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
  /** Of all runs together. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs. */
  readonly runIndex: number
  readonly runCount: number
}
