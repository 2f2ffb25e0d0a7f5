import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NS_PER_MS } from '../../measure/clock.ts'
import { seededRandom } from '../../measure/random.ts'
import {
  KNOWN_LATENCIES,
  KNOWN_RATE,
  type LatencyName,
  Station,
} from './known-latency.conformance.ts'
import { percentileOf } from './truth.conformance.ts'

const EVENTS = 200_000

/** Latencies of Poisson arrivals over many channels, milliseconds, in ascending order. */
function simulate(name: LatencyName): readonly number[] {
  const latency = KNOWN_LATENCIES[name]
  const station = new Station(latency)
  const random = seededRandom(5, 1)
  let nowNs = 0
  const latencies: number[] = []
  for (let event = 0; event < EVENTS; event++) {
    nowNs -= (Math.log(1 - random()) / KNOWN_RATE) * 1e9
    latencies.push((station.leavesAtNs(event, nowNs, latency.drawMs(random)) - nowNs) / NS_PER_MS)
  }
  return latencies.sort((a, b) => a - b)
}

describe('a server of known latency', () => {
  for (const name of Object.keys(KNOWN_LATENCIES) as LatencyName[]) {
    it(`has theory's percentiles: ${name}`, () => {
      const latencies = simulate(name)
      // The tail's own edge is its 99th percentile: it lies on either side by chance.
      for (const percentile of name === 'tail' ? [50, 90, 98.5, 99.5] : [50, 90, 99]) {
        const theory = KNOWN_LATENCIES[name].theoryMs(percentile, KNOWN_RATE)
        const found = percentileOf(latencies, percentile)
        assert.ok(Math.abs(found / theory - 1) < 0.03, `${found}, not ${theory} at p${percentile}`)
      }
    })
  }

  it('serves a queue one after the other', () => {
    const station = new Station(KNOWN_LATENCIES['M/D/1 0.5'])
    assert.deepEqual(
      [
        station.leavesAtNs('a', 0, 4),
        station.leavesAtNs('b', 0, 4),
        station.leavesAtNs('a', 20e6, 4),
      ],
      [4e6, 8e6, 24e6],
    )
  })

  it('keeps the order of a channel, and of no others', () => {
    const station = new Station(KNOWN_LATENCIES['tail'])
    assert.equal(station.leavesAtNs('a', 0, 100), 100e6)
    assert.equal(station.leavesAtNs('a', 1e6, 3), 100e6)
    assert.equal(station.leavesAtNs('b', 1e6, 3), 4e6)
  })
})
