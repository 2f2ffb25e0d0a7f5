import type { Conduct } from '../scenario/key.ts'
import { entryOf } from '../scenario/keys.ts'
import type { SweepKey } from '../scenario/sweep.ts'

/** Whether a key of the scenario changes what a transport does. */
export function concerns(key: SweepKey, transport: Conduct): boolean {
  return entryOf(key).concerns?.(transport) ?? true
}

/** The server holds its requests until there is something to answer. */
export function holdsPolls(transport: Conduct): boolean {
  return concerns('hold', transport)
}
