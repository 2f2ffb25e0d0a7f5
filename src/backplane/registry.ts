import { RtbenchError } from '../error.ts'
import type { Backplane, BusOptions, OpenBackplane, Routing } from './backplane.ts'
import { shownUrl } from './bus-url.ts'

/** A kind of backplane: how a URL names it, and what opens it, which is loaded when it is asked for. */
export interface BackplaneKind {
  /** Without a colon: `redis`. */
  readonly schemes: readonly string[]
  /** As in a sentence: `Redis`. */
  readonly label: string
  readonly routings: readonly Routing[]
  /** Of these schemes, the ones whose members find the bus at the URL's address alone, so that a forwarder may stand there. */
  readonly forwarded: readonly string[]
  load(): Promise<{ readonly open: OpenBackplane }>
}

export const BACKPLANES: readonly BackplaneKind[] = [
  {
    schemes: ['memory'],
    label: 'memory',
    routings: ['broadcast', 'by-channel'],
    forwarded: ['memory'],
    load: () => import('./memory.ts'),
  },
  {
    schemes: ['redis', 'rediss'],
    label: 'Redis',
    routings: ['broadcast', 'by-channel'],
    forwarded: ['redis'],
    load: () => import('./redis.ts'),
  },
  {
    schemes: ['nats', 'tls'],
    label: 'NATS',
    routings: ['broadcast', 'by-channel'],
    forwarded: ['nats'],
    load: () => import('./nats.ts'),
  },
  {
    schemes: ['kafka'],
    label: 'Kafka',
    routings: ['broadcast'],
    forwarded: [],
    load: () => import('./kafka.ts'),
  },
]

/** The kind that a URL names by its scheme; null for none. */
export function kindOf(url: string): BackplaneKind | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  return BACKPLANES.find(({ schemes }) => schemes.includes(scheme ?? '')) ?? null
}

/** Whether a forwarder may stand before the bus at a URL. */
export function isForwarded(url: string): boolean {
  return (
    kindOf(url)?.forwarded.some((scheme) => url.toLowerCase().startsWith(`${scheme}:`)) ?? false
  )
}

/** As an {@link OpenBackplane}, of whichever kind the URL names. */
export async function openBackplane(url: string, options: BusOptions): Promise<Backplane> {
  const kind = kindOf(url)
  if (kind === null) throw new RtbenchError('cannot-run', `no backplane is at ${shownUrl(url)}`)
  const { open } = await kind.load()
  return open(url, options)
}
