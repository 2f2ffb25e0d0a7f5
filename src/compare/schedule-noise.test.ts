/** What chance does to figures that are fixed, by runs of known schedules. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Random, seededRandom } from '../measure/random.ts'
import type { Run } from '../result/document.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { compareResults, type Judgement } from './compare.ts'
import { type Plan, scheduledRun } from './schedule.conformance.ts'

const BYTES = 'wire.bytesPerDelivery'
const EMPTY = 'exchanges.emptyRatio'

const POLLS: Plan = {
  transport: 'short-poll',
  clients: 100,
  channels: 'per-client',
  rate: 1,
  arrivals: 'poisson',
  intervalMs: 500,
  durationMs: 4_000,
}
const STREAM: Plan = { ...POLLS, transport: 'sse', rate: 0.25 }

function judge(metric: string, plan: Plan, before: Run, after: Run): Judgement {
  const { transport: _, ...changes } = plan
  const scenario = { ...sampleResult().scenario, ...changes }
  const { judgements } = compareResults(
    [sampleResult({ scenario, runs: [before] })],
    [sampleResult({ scenario, runs: [after] })],
  )
  const found = judgements.find((one) => one.metric === metric)
  assert.ok(found !== undefined)
  return found
}

/** The share of comparisons of the same thing that find a difference. */
function alarms(metric: string, plan: Plan, sameSeed: boolean, trials = 200): number {
  const late = seededRandom(7, 0)
  let count = 0
  for (let trial = 1; trial <= trials; trial++) {
    const before = scheduledRun(plan, trial, late)
    const after = scheduledRun(plan, sameSeed ? trial : trial + 10_000, late)
    if (judge(metric, plan, before, after).verdict !== 'unchanged') count++
  }
  return count / trials
}

describe('what follows from protocol and schedule', () => {
  for (const arrivals of ['poisson', 'constant'] as const) {
    for (const channels of ['per-client', 1] as const) {
      for (const sameSeed of [true, false]) {
        const seeds = sameSeed ? 'one seed' : 'two seeds'
        it(`is unchanged by ${seeds}, ${arrivals} arrivals, channels ${channels}`, () => {
          for (const [rate, intervalMs, durationMs] of [
            [1, 250, 4_000],
            [1, 300, 7_300],
            // A window with or without an event: of Poisson arrivals these are too few to be normal.
            ...(arrivals === 'constant' ? [[0.1, 2_000, 4_000] as const] : []),
            [2, 1_000, 7_300],
          ] as const) {
            // As many events a run, however many channels there are.
            const each = channels === 1 && arrivals === 'poisson' ? 20 * rate : rate
            const plan = { ...POLLS, arrivals, channels, rate: each, intervalMs, durationMs }
            for (const metric of [EMPTY, BYTES]) {
              const share = alarms(metric, plan, sameSeed)
              assert.ok(share <= 0.01, `${metric} at ${rate}/s, ${intervalMs} ms: ${share}`)
            }
          }
        })
      }
    }
  }

  it('is unchanged by the heartbeats of a stream that few events have to pay for', () => {
    for (const clients of [20, 200]) {
      for (const arrivals of ['poisson', 'constant'] as const) {
        const plan = { ...STREAM, clients, arrivals }
        assert.ok(alarms(BYTES, plan, true) <= 0.01)
        assert.ok(alarms(BYTES, plan, false) <= 0.01)
      }
    }
  })
})

describe('what is found of a change', () => {
  const late = (): Random => seededRandom(8, 0)
  const more = (run: Run, share: number): Run => {
    const bytesPerDelivery = (run.wire.bytesPerDelivery ?? 0) * (1 + share)
    return { ...run, wire: { ...run.wire, bytesPerDelivery } }
  }
  const bytesBy = (plan: Plan, share: number, seed: number): string =>
    judge(BYTES, plan, scheduledRun(plan, 1, late()), more(scheduledRun(plan, seed, late()), share))
      .verdict

  it('is 1 % of a stream of one seed, and of another one where many events pay for a heartbeat', () => {
    assert.equal(bytesBy(STREAM, 0.012, 1), 'regressed')
    assert.equal(bytesBy(STREAM, -0.012, 1), 'improved')
    assert.equal(bytesBy({ ...STREAM, rate: 20 }, 0.012, 2), 'regressed')
    // One event or so a client.
    assert.equal(bytesBy({ ...STREAM, clients: 20 }, 0.012, 2), 'unchanged')
    assert.equal(bytesBy({ ...STREAM, clients: 20 }, 0.1, 2), 'regressed')
    assert.equal(bytesBy({ ...STREAM, clients: 20, arrivals: 'constant' }, 0.012, 2), 'regressed')
  })

  it('is half a point of empty answers by constant arrivals, which are no chance', () => {
    const plan = { ...POLLS, arrivals: 'constant', intervalMs: 250 } as const
    const run = scheduledRun(plan, 1, late())
    const emptier = (points: number): Run => {
      const emptyRatio = (run.exchanges.emptyRatio ?? 0) + points
      return { ...run, exchanges: { ...run.exchanges, emptyRatio } }
    }
    assert.equal(run.exchanges.emptyRatio, 0.75)
    assert.equal(judge(EMPTY, plan, run, emptier(0.004)).verdict, 'unchanged')
    const more = judge(EMPTY, plan, run, emptier(0.015))
    assert.deepEqual([more.verdict, more.reason.slice(0, 17)], ['regressed', 'theory says 75 %,'])
  })

  it('is more of one schedule than theory alone would find', () => {
    const plan = { ...POLLS, clients: 20, intervalMs: 250 }
    const run = scheduledRun(plan, 1, late())
    const { emptyRatio } = run.exchanges
    const after = { ...run, exchanges: { ...run.exchanges, emptyRatio: (emptyRatio ?? 0) + 0.06 } }
    const one = judge(EMPTY, plan, run, after)
    assert.equal(one.verdict, 'regressed')
    assert.match(one.reason, /^theory says 77.9 %, and both sides are near it, but apart by more/)
    assert.equal(judge(EMPTY, plan, run, { ...after, seed: 2 }).verdict, 'unchanged')
  })
})
