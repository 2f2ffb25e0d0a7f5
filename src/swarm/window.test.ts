import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { planWarmUp } from './window.ts'

const MS = 1e6
const workload = (channels: number) => ({ clients: channels, channels, instances: 1, run: 1 })

describe('the plan of a warm-up', () => {
  it('has canaries, a stretch without events, one of events that nobody hears, and the load', () => {
    const plan = planWarmUp(0, 3_000, workload(100), true)
    assert.deepEqual(plan, {
      canaries: {
        span: { startNs: 0, endNs: 1_000 * MS },
        channels: Uint32Array.from({ length: 100 }, (_, channel) => channel),
      },
      costs: {
        heating: { span: { startNs: 0, endNs: 900 * MS }, events: 3_900 },
        idle: { startNs: 1_000 * MS, endNs: 1_500 * MS },
        ingest: { startNs: 1_500 * MS, endNs: 2_500 * MS },
      },
      loadFromNs: 2_500 * MS,
      windowFromNs: 3_000 * MS,
    })
  })

  it('has no time for costs where it is short, or where nobody tells them', () => {
    for (const [warmupMs, tells] of [
      [999, true],
      [3_000, false],
    ] as const) {
      const { costs, loadFromNs, windowFromNs } = planWarmUp(0, warmupMs, workload(10), tells)
      // Half of it for the canaries, before events come as in the window.
      assert.deepEqual(
        [costs, loadFromNs, windowFromNs],
        [null, (warmupMs * MS) / 2, warmupMs * MS],
      )
    }
    assert.equal(planWarmUp(0, 0, workload(10), true).canaries.channels.length, 0)
  })

  it('takes a sample of very many channels, or the time that all of them take', () => {
    const sampled = planWarmUp(0, 3_000, workload(10_000), true)
    assert.deepEqual([...sampled.canaries.channels.slice(0, 3)], [0, 5, 10])
    assert.equal(sampled.canaries.channels.length, 2_000)
    assert.equal(sampled.costs?.heating.events, 2_000)
    assert.equal(sampled.windowFromNs, 3_000 * MS)
    const silent = planWarmUp(0, 3_000, workload(10_000), false)
    assert.equal(silent.canaries.channels.length, 10_000)
    assert.deepEqual(silent.canaries.span, { startNs: 0, endNs: 5_000 * MS })
    // Beyond what half of the warm-up has room for.
    assert.equal(silent.windowFromNs, 6_500 * MS)
  })

  it('never asks for more canaries than a server takes at ease, and ends before the window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.boolean(),
        (warmupMs, channels, tells) => {
          const plan = planWarmUp(7, warmupMs, workload(channels), tells)
          const { startNs, endNs } = plan.canaries.span
          const count = plan.canaries.channels.length
          assert.ok(count <= Math.max(1, ((endNs - startNs) / 1e9) * 2_000) + 1e-6)
          assert.ok(plan.loadFromNs <= plan.windowFromNs && endNs <= plan.windowFromNs)
          const { heating, idle, ingest } = plan.costs ?? {}
          if (heating && idle && ingest) {
            assert.ok(heating.events >= 0 && heating.span.endNs < endNs)
            const heatingS = (heating.span.endNs - heating.span.startNs) / 1e9
            assert.ok(heating.events <= Math.ceil(heatingS * 4_500))
            assert.ok(endNs <= idle.startNs && idle.endNs <= ingest.startNs)
            assert.ok(ingest.endNs <= plan.loadFromNs)
          }
        },
      ),
    )
  })
})
