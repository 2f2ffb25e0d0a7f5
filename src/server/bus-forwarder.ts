import { randomBytes } from 'node:crypto'
import { RunningForwarder } from '../forwarder/start.ts'

/** A forwarder between instances and their bus: each has an address of its own there. */
export interface BusForwarder {
  /** By instance. */
  readonly urls: readonly string[]
  /** Parts an instance from the bus until the answer is called. */
  part(instance: number): Promise<() => void>
  stop(): Promise<void>
}

/** Ports where nobody says another one. */
const USUAL_PORTS: Readonly<Record<string, number>> = { 'redis:': 6379, 'nats:': 4222 }

/** Starts a forwarder before the bus at a URL, of a kind that members find there alone. */
export async function forwardBus(url: string, instances: number): Promise<BusForwarder> {
  const path = /^memory:\/\/(\/.*)$/.exec(url)?.[1]
  const id = randomBytes(4).toString('hex')
  const pathOf = (index: number): string => `${path}-${id}-${index}`
  const parsed = path === undefined ? new URL(url) : null
  const upstreams = Array.from({ length: instances }, (_, index) =>
    parsed === null
      ? { path: path ?? '', listenAt: pathOf(index) }
      : {
          host: parsed.hostname.replace(/^\[|\]$/g, ''),
          port: Number(parsed.port) || (USUAL_PORTS[parsed.protocol] ?? 0),
        },
  )
  const forwarder = await RunningForwarder.start(upstreams)
  const urls = upstreams.map((_, index) => {
    if (parsed === null) return `memory://${pathOf(index)}`
    const address = `127.0.0.1:${forwarder.ports[index]}`
    return url.replace(parsed.host, address)
  })
  return {
    urls,
    part: (listener) => forwarder.silence({ listener }),
    stop: () => forwarder.stop(),
  }
}
