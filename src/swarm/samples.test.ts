import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SampleBuffer } from './samples.ts'

describe('a buffer of samples', () => {
  it('hands out what came since the last time, in order', () => {
    const samples = new SampleBuffer(1_000_000)
    samples.add(5.9, 2.9, 5.9, 1_005_000, 3.2)
    samples.add(7, 0, 7, 1_008_000, 4)
    assert.deepEqual(samples.take(2_000_000), {
      latenciesUs: Uint32Array.of(5, 7),
      latenessesUs: Uint32Array.of(2, 0),
      servableUs: Uint32Array.of(5, 7),
      receivedUs: Uint32Array.of(5, 8),
      sinceNs: 1_000_000,
      serviceLatenciesUs: Uint32Array.of(3, 4),
    })
    samples.add(9, 0, 9, 2_003_000, 1)
    const next = samples.take(3_000_000)
    assert.deepEqual(next.latenciesUs, Uint32Array.of(9))
    assert.deepEqual([next.sinceNs, next.receivedUs[0]], [2_000_000, 3])
    assert.equal(samples.take(2_000_000).latenciesUs.length, 0)
  })

  it('has no service latency where the server does not tell', () => {
    const samples = new SampleBuffer(1_000_000)
    samples.add(5, 0, 5, 1_000_000, Number.NaN)
    samples.add(6, 0, 6, 1_000_000, -1)
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.deepEqual([latenciesUs.length, serviceLatenciesUs.length], [2, 0])
    // Not to tell is no fault; to have accepted later than it was received is.
    assert.equal(samples.negativeServices, 1)
  })

  it('counts what the server accepted before it was due, beyond what stamps round', () => {
    const samples = new SampleBuffer(1_000_000)
    for (const serviceUs of [5, 104, Number.NaN, -7]) samples.add(5, 0, 5, 1_000_000, serviceUs)
    assert.equal(samples.premature, 0)
    samples.add(5, 0, 5, 1_000_000, 106)
    assert.deepEqual([samples.premature, samples.take(2_000_000).serviceLatenciesUs.length], [1, 3])
  })

  it('gives copies that later samples do not change', () => {
    const samples = new SampleBuffer(1_000_000)
    samples.add(1, 0, 1, 1_000_000, 1)
    const { latenciesUs } = samples.take(2_000_000)
    samples.add(2, 0, 2, 1_000_000, 2)
    assert.deepEqual(latenciesUs, Uint32Array.of(1))
  })

  it('tells when it is full, and not before', () => {
    const samples = new SampleBuffer(1_000_000)
    let added = 0
    while (!samples.full) {
      samples.add(added, 0, added, 1_000_000, added)
      added++
    }
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.ok(added >= 1024)
    assert.equal(latenciesUs.length, added)
    assert.equal(serviceLatenciesUs.at(-1), added - 1)
    assert.equal(samples.full, false)
  })

  it('does not let a very late one come round as an early one', () => {
    const samples = new SampleBuffer(1_000_000)
    const twoHoursUs = 7200e6
    samples.add(twoHoursUs, 0, twoHoursUs, 1_000_000, twoHoursUs)
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.ok((latenciesUs[0] ?? 0) > 3600e6)
    assert.ok((serviceLatenciesUs[0] ?? 0) > 3600e6)
  })
})
