import type { Progress } from '../swarm/progress.ts'

/** What a live run tells at a moment, and where it stands among the runs of its invocation. */
interface ExperimentProgress extends Progress {
  /** Of the whole invocation. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs of the invocation. */
  readonly runIndex: number
  readonly runCount: number
}

/** Whom to tell how a measurement goes. */
export interface Listener {
  /** Once a second, and at the beginning of each phase. */
  update(progress: ExperimentProgress): void
  /** A line about what is to come. */
  note(text: string): void
}
