import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'

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

/**
 * Keeps this process's loop, of an own server or of clients of one on this machine, to its half of the
 * processors. Whoever writes to a socket of this machine wakes its reader, and Linux takes the writer to
 * be about to sleep, so that it puts the reader on the same processor, beside an idle one (`wake_affine`
 * of its scheduler): server and clients would wait for each other. The threads that collect garbage go
 * wherever there is room. Done by `taskset`, which any user may; elsewhere, or with one processor,
 * nothing is changed; nor for instances and their bus that are more than their half has processors: these would wait
 * for each other, as an event comes to all at once, and what a bus adds was half as much again.
 * @param processes that share the side
 */
export function keepToSide(side: 'server' | 'clients', processes = 1): void {
  const own = processorsOf(side, processes, allowedProcessors(ownStatus()))
  if (own === null) return
  execFile('taskset', ['-c', '-p', own.join(), String(process.pid)], () => {})
}

/** Of those that may be used the half for a side; null where all are for everybody. */
export function processorsOf(
  side: 'server' | 'clients',
  processes: number,
  allowed: readonly number[],
): readonly number[] | null {
  const half = Math.ceil(allowed.length / 2)
  if (allowed.length < 2 || (processes > 1 && processes > half)) return null
  return side === 'server' ? allowed.slice(0, half) : allowed.slice(half)
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}

/**
 * Numbers of the processors that a process may run on; none where the system does not tell.
 * @param status the process's, of proc(5)
 */
export function allowedProcessors(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\d[\d,-]*)$/m.exec(status)?.[1]
  return (list?.split(',') ?? []).flatMap((span) => {
    const [first = 0, last = first] = span.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
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

/**
 * V8 shrinks the heap of a process that has allocated little for eight seconds, in up to three full
 * collections: after ten thousand clients have connected these fall into the measured window, and cost
 * as much as the deliveries of two seconds. A process with this flag does not.
 */
export const QUIET_HEAP_FLAGS: readonly string[] = ['--no-memory-reducer']

/** Lets a process collect its garbage when it wants to. */
export const COLLECTING_FLAGS: readonly string[] = ['--expose-gc']

/**
 * Collects all garbage and gives the memory back, now. Without {@link COLLECTING_FLAGS} it does nothing.
 */
export function collectGarbage(): void {
  // Costs as much again, which is no matter here, but would be in the window.
  setFlagsFromString('--compact-on-every-full-gc')
  globalThis.gc?.()
  setFlagsFromString('--no-compact-on-every-full-gc')
}
