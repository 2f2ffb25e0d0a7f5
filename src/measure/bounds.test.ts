import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { areClose, latencyBounds } from './bounds.ts'

describe('bounds', () => {
  it('are close within a millisecond, or a tenth of the lower one', () => {
    const close = (lowerUs: number, upperUs: number): boolean => areClose({ lowerUs, upperUs })
    assert.deepEqual([close(0, 1_000), close(0, 1_001)], [true, false])
    assert.deepEqual([close(100_000, 110_000), close(100_000, 110_001)], [true, false])
    // A tenth of what holds the fault would allow for this.
    assert.equal(close(100_000, 111_111), false)
  })

  it('of a run are its observed figure and its lower one, and never the wrong way round', () => {
    const run = {
      latency: { p50Us: 900, p99Us: null },
      latencyLowerBound: { p50Us: 700, p99Us: 5 },
    }
    assert.deepEqual(latencyBounds(run, 'p50Us'), { lowerUs: 700, upperUs: 900 })
    assert.equal(latencyBounds(run, 'p99Us'), null)
    const turned = { ...run, latencyLowerBound: { p50Us: 901, p99Us: null } }
    assert.deepEqual(latencyBounds(turned, 'p50Us'), { lowerUs: 900, upperUs: 900 })
  })

  it('of an older run are what was observed', () => {
    const older = { latency: { p50Us: 900 } }
    assert.deepEqual(latencyBounds(older, 'p50Us'), { lowerUs: 900, upperUs: 900 })
  })
})
