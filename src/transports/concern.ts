import type { SweepKey } from '../scenario/sweep.ts'
import type { Transport } from './transport.ts'

type Conduct = Pick<Transport, 'hasExchanges' | 'traits'>

/** Whether a key of the scenario changes what a transport does. */
export function concerns(key: SweepKey, transport: Conduct): boolean {
  switch (key) {
    case 'interval':
      return transport.traits.keepsInterval
    case 'hold':
      return holdsPolls(transport)
    default:
      return true
  }
}

/** The server holds its requests until there is something to answer. */
export function holdsPolls({ hasExchanges, traits }: Conduct): boolean {
  return hasExchanges && !traits.keepsInterval
}
