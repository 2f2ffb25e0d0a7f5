/**
 * What TLS and HTTP/2 cost: the same broadcasts to the same lean clients, in turn with plain HTTP/1.1. There are
 * fewer clients than elsewhere, since a handshake takes a millisecond at each end.
 */
import { prepareHistograms } from '../src/measure/histogram.ts'
import { ownIdentity } from '../src/server/identity.ts'
import type { Target } from '../src/transports/transport.ts'
import type { Print } from './bar.ts'
import { inTurn } from './in-turn.ts'
import { median } from './ratio.ts'
import { figuresOf, measureSwarm, type RunFigures, SCENARIO, withServer } from './swarm.ts'

const CLIENTS = 2_000
const ROUNDS = 3
const STREAMS = 100
const TRANSPORTS = ['sse', 'websocket', 'long-poll']

const ROWS: readonly (readonly [name: string, key: keyof RunFigures, unit: string])[] = [
  ['client CPU per delivery', 'cpuUsPerDelivery', 'µs'],
  ['server CPU per delivery', 'serverCpuUs', 'µs'],
  ['bytes per delivery', 'bytesPerDelivery', 'B'],
  ['client RSS', 'rssKib', 'KiB'],
  ['server RSS', 'serverRssKib', 'KiB'],
]

export async function secure(print: Print, part: string | undefined, runs = ROUNDS): Promise<void> {
  await prepareHistograms()
  const identity = await ownIdentity()
  const measure = (transport: string) => (target: Target) =>
    measureSwarm(transport, target, 'lean', () => {}, CLIENTS)
  const over = { tls: { identity }, http2: { http2: true } }
  print(
    `tls: ${CLIENTS} clients, one broadcast a second, ${SCENARIO.durationMs / 1000} s, ${runs} rounds, plain / tls, or http2 with ${STREAMS} streams a connection`,
  )
  for (const [name, options] of Object.entries(over)) {
    for (const transport of TRANSPORTS) {
      if (part !== undefined && part !== transport && part !== name) continue
      const its = measure(transport)
      const shared = name === 'http2' ? { streams: STREAMS } : {}
      const [plain, other] = await inTurn(
        runs,
        () => withServer(its),
        () => withServer((target) => its({ ...target, ...shared }), options),
      )
      for (const [label, key, unit] of ROWS) {
        const [one = 0, two = 0] = [plain, other].map((all) => median(figuresOf(all, key)))
        const row = `${name} ${transport} ${label}`.padEnd(44)
        print(`  ${row} ${one.toFixed(1)} / ${two.toFixed(1)} ${unit} = ${(two / one).toFixed(2)}`)
      }
    }
  }
}
