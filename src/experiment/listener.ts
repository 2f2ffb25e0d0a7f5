import type { Progress, RunPlace } from '../swarm/progress.ts'

/** Whom to tell how a measurement goes. */
export interface Listener {
  /** Once a second, and at the beginning of each phase. */
  update(progress: Progress & RunPlace): void
  /** A line about what is to come. */
  note(text: string): void
}
