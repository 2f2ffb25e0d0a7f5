import { constants, getPriority, setPriority } from 'node:os'

/** A third of the weight of a process that has not given way (Linux, `nice`). */
const NICENESS = 5

/**
 * Lets the publisher go first where more processes want to run than there are cores: it needs little
 * time, and its lateness is told as latency. Clients and own servers give way alike, so that
 * neither is favoured over the other. What asks for a higher priority needs privileges, this does not:
 * it counts from the priority that the invocation itself was given.
 */
export function giveWay(): void {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICENESS))
  } catch {
    // Where it cannot be, the run says by its slip what came of it.
  }
}
