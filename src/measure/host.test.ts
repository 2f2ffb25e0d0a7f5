import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostUtilisation, readHostTime } from './host.ts'

describe("the host's processor time", () => {
  it('is a share of the time that went by', () => {
    const before = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(before, { busyMs: 400, totalMs: 2000 }), 0.3)
    assert.equal(hostUtilisation(before, { busyMs: 100, totalMs: 2000 }), 0)
    assert.equal(hostUtilisation(before, { busyMs: 1100, totalMs: 2000 }), 1)
  })

  it('is unknown when no time went by', () => {
    const time = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(time, time), null)
  })

  it('reads a busy part that is no larger than the whole', () => {
    const { busyMs, totalMs } = readHostTime()
    assert.ok(busyMs > 0 && busyMs <= totalMs)
  })
})
