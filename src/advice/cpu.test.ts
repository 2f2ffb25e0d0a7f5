import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { cpuLine, loadOf } from './cpu.ts'

function told(deliveriesPerSecond: number, cores: number | null): Run {
  const { throughput, server } = sampleRun('sse')
  assert.ok(server !== null)
  return sampleRun('sse', {
    throughput: { ...throughput, deliveriesPerSecond },
    server: { ...server, cpuUtilisation: cores },
  })
}

function poll(requestsPerSecond: number, deliveriesPerSecond: number, cores: number): Run {
  const { exchanges, throughput, server } = sampleRun('short-poll')
  assert.ok(server !== null)
  return sampleRun('short-poll', {
    exchanges: { ...exchanges, requests: requestsPerSecond * 10 },
    throughput: { ...throughput, deliveriesPerSecond },
    server: { ...server, cpuUtilisation: cores },
  })
}

/** Cores at a load, and whether what is fixed is known. */
function at(load: number, run: Run, others: readonly Run[] = []): readonly [string, boolean] {
  const line = cpuLine(run, load, [sampleResult({ runs: [run, ...others] })])
  assert.ok(line !== null)
  return [(line.fixed + line.perLoad * load).toFixed(3), line.fixedKnown]
}

describe('the CPU of another load', () => {
  it('goes with requests where a run asks, and with deliveries where it is told', () => {
    assert.deepEqual([loadOf(told(100, 1)), loadOf(poll(1_000, 100, 1))], [100, 1_000])
  })

  it('is in proportion to one run', () => {
    assert.deepEqual(at(2_500, told(100, 0.06)), ['1.500', false])
    assert.equal(cpuLine(told(100, null), 100, []), null)
    assert.equal(cpuLine(told(0, 0.06), 100, []), null)
  })

  it('is what stays and what each delivery takes, where a second run tells', () => {
    // 0.05 cores stay, and a delivery takes 100 µs.
    const [quiet, busy] = [told(100, 0.06), told(1_000, 0.15)]
    for (const [run, other] of [
      [quiet, busy],
      [busy, quiet],
    ] as const) {
      assert.deepEqual(at(2_500, run, [other]), ['0.300', true])
      assert.deepEqual(at(500, run, [other]), ['0.100', true])
      assert.deepEqual(at(1, run, [other]), ['0.050', true])
      const results = [sampleResult({ runs: [run, other] })]
      assert.equal(cpuLine(run, 1, results)?.measuredTo, 1_000)
    }
  })

  it('is by the run nearest to the load, of those that are not too near to each other', () => {
    const others = [told(150, 0.9), told(1_000, 0.15), told(10_000, 2.04)]
    assert.deepEqual(at(10_000, told(100, 0.06), others)[0], '2.040')
    assert.deepEqual(at(900, told(100, 0.06), others)[0], '0.140')
    assert.deepEqual(at(300, told(100, 0.06), [told(150, 0.9)]), ['0.180', false])
  })

  it('is not by runs that cost less though they did more, nor by other polls', () => {
    assert.deepEqual(at(1_000, told(100, 0.06), [told(1_000, 0.05)]), ['0.600', false])
    assert.deepEqual(at(2_000, poll(1_000, 100, 0.1), [poll(2_000, 200, 0.15)]), ['0.150', true])
    // Ten times the events by a request, and so another request.
    assert.deepEqual(at(2_000, poll(1_000, 100, 0.1), [poll(2_000, 2_000, 0.3)]), ['0.200', false])
  })

  it('is never below nothing', () => {
    const runs = [told(100, 0.06), told(200, 0.3)]
    assert.deepEqual(at(10, told(100, 0.06), runs)[0], '0.006')
    assert.deepEqual(at(10, told(200, 0.3), [told(100, 0.06)])[0], '0.006')
  })
})
