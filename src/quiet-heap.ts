import { setFlagsFromString } from 'node:v8'

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
