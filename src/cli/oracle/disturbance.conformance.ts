/** What may happen to the instrument while it measures: by a seed, and to processes of one run alone. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'
import { type Random, seededRandom } from '../../measure/random.ts'

/** The processes of the instrument, by the module that they run. */
const MODULES = { worker: 'worker-process', publisher: 'publisher-process' } as const

export type Role = keyof typeof MODULES

/** Times are milliseconds since the window's start. */
export type Disturbance =
  | {
      readonly kind: 'stop'
      readonly of: Role
      readonly startMs: number
      readonly lengthMs: number
    }
  | {
      readonly kind: 'hogs'
      readonly count: number
      readonly startMs: number
      readonly lengthMs: number
    }
  /** Until the run's end. */
  | {
      readonly kind: 'nice'
      readonly of: Role
      readonly niceness: number
      readonly startMs: number
    }

const LONGEST_STOP_MS = 1_000
const SHORTEST_STOP_MS = 50
const MOST_HOGS = 3
/** A loop that nobody ends ends by itself. */
const HOG_SLACK_MS = 5_000

/** One or two disturbances of a window. */
export function drawDisturbances(seed: number, windowMs: number): readonly Disturbance[] {
  const random = seededRandom(seed, 7)
  const kinds = [drawStop, drawStop, drawHogs, drawNiceness]
  const count = 1 + Math.floor(random() * 2)
  return Array.from({ length: count }, () => pick(kinds, random)(random, windowMs)).flat()
}

function drawStop(random: Random, windowMs: number): Disturbance[] {
  const lengthMs = between(SHORTEST_STOP_MS, LONGEST_STOP_MS, random)
  const startMs = between(0, windowMs - lengthMs, random)
  return [{ kind: 'stop', of: pick(['worker', 'publisher'], random), startMs, lengthMs }]
}

function drawHogs(random: Random, windowMs: number): Disturbance[] {
  const lengthMs = between(windowMs / 8, windowMs, random)
  const startMs = between(0, windowMs - lengthMs, random)
  return [{ kind: 'hogs', count: between(1, MOST_HOGS, random), startMs, lengthMs }]
}

/** A low priority harms nobody who is alone. */
function drawNiceness(random: Random, windowMs: number): Disturbance[] {
  const niceness = between(5, 19, random)
  const of = pick<Role>(['worker', 'publisher'], random)
  return [{ kind: 'nice', of, niceness, startMs: 0 }, ...drawHogs(random, windowMs)]
}

function between(low: number, high: number, random: Random): number {
  return Math.round(low + (high - low) * random())
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** `worker stopped 312 ms at 1204, 2 hogs 900 ms at 0` */
export function describeDisturbances(disturbances: readonly Disturbance[]): string {
  const parts = disturbances.map((one) => {
    if (one.kind === 'nice') return `${one.of} nice ${one.niceness}`
    const what = one.kind === 'stop' ? `${one.of} stopped` : `${one.count} hogs`
    return `${what} ${one.lengthMs} ms at ${one.startMs}`
  })
  return parts.length === 0 ? 'undisturbed' : parts.join(', ')
}

/**
 * Does to a run what is to be done, and undoes it; call it at the window's start. Whatever happens, a
 * process that was stopped goes on.
 *
 * @param coordinator process id of the command: its children alone are disturbed
 */
export async function disturb(
  coordinator: number,
  disturbances: readonly Disturbance[],
): Promise<void> {
  await Promise.all(disturbances.map((disturbance) => carryOut(coordinator, disturbance)))
}

async function carryOut(coordinator: number, disturbance: Disturbance): Promise<void> {
  await sleep(disturbance.startMs)
  switch (disturbance.kind) {
    case 'stop': {
      const pids = processesOf(coordinator, disturbance.of)
      try {
        signalAll(pids, 'SIGSTOP')
        await sleep(disturbance.lengthMs)
      } finally {
        signalAll(pids, 'SIGCONT')
      }
      break
    }
    case 'hogs':
      await hog(disturbance.count, disturbance.lengthMs)
      break
    case 'nice':
      for (const pid of processesOf(coordinator, disturbance.of)) {
        setPriority(pid, disturbance.niceness)
      }
      break
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Keeps so many cores busy. */
async function hog(count: number, lengthMs: number): Promise<void> {
  const endNs = nowNs() + (lengthMs + HOG_SLACK_MS) * NS_PER_MS
  const loop = `while (process.hrtime()[0] < ${Math.ceil(endNs / 1e9)});`
  const hogs = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }),
  )
  await sleep(lengthMs)
  await Promise.all(hogs.map(ended))
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** The descendants of a process that play a role in its run. */
export function processesOf(coordinator: number, role: Role): readonly number[] {
  return descendantsOf(coordinator).filter((pid) =>
    readProc(`${pid}/cmdline`).includes(MODULES[role]),
  )
}

function descendantsOf(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

/** Empty for a process that is gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
