/**
 * V8 shrinks the heap of a process that has allocated little for eight seconds, in up to three full
 * collections: after ten thousand clients have connected these fall into the measured window, and cost
 * as much as the deliveries of two seconds. A process with these flags does not; it is told when.
 */
export const QUIET_HEAP_FLAGS: readonly string[] = [
  '--no-memory-reducer',
  '--expose-gc',
  '--compact-on-every-full-gc',
]

/** Collects all garbage and gives the memory back, now. Without the flags it does nothing. */
export function collectGarbage(): void {
  globalThis.gc?.()
}
