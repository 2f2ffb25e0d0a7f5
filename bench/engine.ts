/**
 * What a client library costs: the same server and the same broadcasts, once with the lean engine's
 * clients and once with those on undici and ws. Above its bar, the lean engine is not worth its code.
 */

import { prepareHistograms } from '../src/measure/histogram.ts'
import { inTurn } from './in-turn.ts'
import { describeRatio, median } from './ratio.ts'
import { CLIENTS, figuresOf, measureSwarm, ROUNDS, SCENARIO, withServer } from './swarm.ts'

/** The most that the lean engine's CPU may be of the library's. */
const BARS = [
  { transport: 'sse', bar: 0.85 },
  { transport: 'websocket', bar: 0.65 },
  { transport: 'long-poll', bar: 0.5 },
]

export async function engine(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  await prepareHistograms()
  print(
    `engine: ${CLIENTS} clients, one broadcast a second, ${SCENARIO.durationMs / 1000} s, ${ROUNDS} rounds, lean / library`,
  )
  for (const { transport, bar } of BARS) {
    if (part !== undefined && part !== transport) continue
    const [lean, library] = await inTurn(
      ROUNDS,
      () => withServer((target) => measureSwarm(transport, target, 'lean')),
      () => withServer((target) => measureSwarm(transport, target, 'library')),
    )
    const cpu = describeRatio({
      name: `${transport} CPU per delivery`,
      of: figuresOf(lean, 'cpuUsPerDelivery'),
      to: figuresOf(library, 'cpuUsPerDelivery'),
      unit: 'µs',
      bar,
    })
    print(`  ${cpu}`)
    const [leanMs, libraryMs] = [lean, library].map((all) => median(figuresOf(all, 'p50Us')) / 1000)
    const [leanKib, libraryKib] = [lean, library].map((all) => median(figuresOf(all, 'rssKib')))
    print(`  ${`${transport} p50`.padEnd(28)} ${leanMs?.toFixed(1)} / ${libraryMs?.toFixed(1)} ms`)
    const rss = `${transport} RSS per client`.padEnd(28)
    print(`  ${rss} ${leanKib?.toFixed(1)} / ${libraryKib?.toFixed(1)} KiB`)
  }
}
