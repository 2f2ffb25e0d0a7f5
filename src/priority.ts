import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
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

/** A tenth of what Linux gives a process at a time on two cores. */
const SLICE_NS = 100_000

/**
 * Asks Linux for short turns: a process that wakes up for one does not wait until whoever runs has had
 * a longer one (sched(7), custom slices, Linux 6.12). Any user may. `chrt` of util-linux 2.41 says it
 * to the system; an older one refuses, and nothing is changed.
 */
export function takeShortTurns(): void {
  const slice = ['--other', '--sched-runtime', String(SLICE_NS)]
  // What it answers says nothing: the run tells by its slip what came of it.
  execFile('chrt', [...slice, '--pid', '0', String(process.pid)], () => {})
}

/**
 * Lets this process wake up when it wants to: Linux puts a thread's timers off by up to 50 µs, to
 * gather some of them, unless it asks for less (prctl(2), PR_SET_TIMERSLACK).
 */
export function wakeOnTime(): void {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1')
  } catch {
    // Elsewhere there is no such file, and its timers are what they are.
  }
}
