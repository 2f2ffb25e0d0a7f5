/**
 * The same load from one worker and from two: what is measured must not depend on how the swarm is
 * split, as long as no worker is short of time. Both are measured at the same time, each with a server
 * of its own, so that whatever else the machine does meets both.
 */
import { mergedHistogram, prepareHistograms, valueAt } from '../src/measure/histogram.ts'
import type { Run } from '../src/result/document.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { measureFleet } from './fleet.ts'
import { SCENARIO } from './swarm.ts'

/** A round has 50 events beyond its p99: too few to tell ten percent from chance. */
const ROUNDS = 6
const BAR = 0.1
const TRANSPORTS = ['short-poll', 'long-poll', 'sse', 'websocket']
const LOAD: Scenario = {
  ...SCENARIO,
  clients: 2_000,
  channels: 'per-client',
  rate: 0.25,
  arrivals: 'poisson',
  durationMs: 10_000,
  warmupMs: 2_000,
}

export async function split(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  await prepareHistograms()
  print(
    `split: ${LOAD.clients} clients, ${LOAD.rate} events/s each, one worker and two at once, ${ROUNDS} rounds`,
  )
  for (const transport of TRANSPORTS) {
    if (part !== undefined && part !== transport) continue
    const [one, two]: [Run[], Run[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      const [ofOne, ofTwo] = await Promise.all([measure(transport, 1), measure(transport, 2)])
      one.push(ofOne)
      two.push(ofTwo)
    }
    const [ofOne, ofTwo] = [p99(one), p99(two)]
    const off = ofTwo / ofOne - 1
    const holds = Math.abs(off) <= BAR ? 'holds' : 'MISSED'
    print(
      `  ${`${transport} p99`.padEnd(28)} ${ofOne.toFixed(2)} and ${ofTwo.toFixed(2)} ms: ${(off * 100).toFixed(1)} % apart, at most ${BAR * 100} %: ${holds}`,
    )
  }
}

function measure(transport: string, workers: number): Promise<Run> {
  return measureFleet(transport, LOAD, { instances: 1, workers, portsPerInstance: 1 })
}

/** Milliseconds, of all rounds together. */
function p99(runs: readonly Run[]): number {
  const all = mergedHistogram(runs.map(({ latency }) => latency.histogram))
  return valueAt(all, 99) / 1000
}
