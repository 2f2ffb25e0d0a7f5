import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import { hopsOf } from './bus-hops.ts'
import { sampleStatistics } from './server-reading.conformance.ts'
import { parseReading } from './server-reading.ts'

const WINDOW = { startNs: 5e9, endNs: 11e9 }
const BUS = {
  ...{ name: 'memory', routing: 'broadcast', epochs: 1, gaps: 0, outages: [] },
  ...{ published: 10, received: 30, bytesOut: 1_000, bytesIn: 3_000, hopUs: 600 },
}

function reading(hops: unknown) {
  const read = parseReading(JSON.stringify(sampleStatistics({ bus: { ...BUS, hops } })), 'sse')
  assert.ok(typeof read !== 'string', String(read))
  return read
}

before(prepareHistograms)

test('the times over the bus of all instances, and where another window would have them', () => {
  // 100 events: to one instance each takes 200 or 240 µs, to the other 300 µs, and one in a hundred 5 ms.
  const near = Array.from({ length: 50 }, (_, block) => [block % 2 === 0 ? 200 : 240, 2])
  const far = Array.from({ length: 50 }, (_, block) =>
    block === 7 ? [300, 1, 5_000, 1] : [300, 2],
  )
  const { added, addedIntervals } = hopsOf([reading(near), reading(far)], WINDOW, 100)
  assert.ok(added !== null)
  assert.deepEqual([added.count, added.p50Us, added.p99Us, added.maxUs], [200, 240, 300, 5_000])
  const p50 = addedIntervals?.p50
  assert.ok(p50 != null && p50.lowUs >= 200 && p50.lowUs <= 240, JSON.stringify(p50))
  assert.ok(p50.highUs !== null && p50.highUs >= 240 && p50.highUs <= 300, JSON.stringify(p50))
})

test('nothing is told where an instance does not tell, or its clock is another one', () => {
  const nothing = { added: null, addedIntervals: null }
  const told = reading([[200, 5]])
  for (const other of [reading(null), reading(undefined), reading([])]) {
    const hops = hopsOf([told, other], WINDOW, 5)
    // One that had no event has nothing to tell.
    if (other.bus?.hops?.length === 0) assert.equal(hops.added?.count, 5)
    else assert.deepEqual(hops, nothing)
  }
  assert.deepEqual(hopsOf(null, WINDOW, 5), nothing)
  assert.deepEqual(hopsOf([told], null, 5), nothing)
  assert.deepEqual(hopsOf([reading([])], WINDOW, 0), nothing)
})

test('what a server makes up takes no time to read', () => {
  const { added } = hopsOf(
    [
      reading([
        [1e15, 1e12, 7],
        [3e9, 2],
      ]),
    ],
    WINDOW,
    5,
  )
  assert.ok(added !== null && added.count === 1e12 + 2)
})
