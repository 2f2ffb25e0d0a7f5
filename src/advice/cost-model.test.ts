import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CostQuestion, costModel, type Observation } from './cost-model.ts'
import type { Load } from './load.ts'

/** Of so many clients of whom each gets so many events a second, alone. */
function loadOf(connections: number, rate: number): Load {
  const deliveries = connections * rate
  return {
    ...{ process: 1, busy: 1, connections, requests: 0 },
    ...{ events: deliveries, deliveries, payloadBytes: 128 * deliveries },
  }
}

const all: CostQuestion = {
  terms: ['process', 'connections', 'events', 'deliveries'],
  wakes: true,
  noise: 0.03,
}
const straight: CostQuestion = { terms: ['connections', 'deliveries'], wakes: false, noise: 0.002 }

function runs(cost: (load: Load) => number, ...loads: readonly Load[]): readonly Observation[] {
  return loads.map((load) => ({ load, value: cost(load) }))
}

function estimated(observations: readonly Observation[], question: CostQuestion, load: Load) {
  const model = costModel(observations, question)
  assert.ok(model !== null)
  return model(load)
}

function isNear(one: number, other: number, share = 1e-6): void {
  assert.ok(Math.abs(one / other - 1) <= share, `${one} is not near ${other}`)
}

const around = [loadOf(1_000, 0.05), loadOf(500, 0.4), loadOf(250, 0.4), loadOf(1_000, 1)]

describe('a cost model', () => {
  it('is what made the figures, far from the runs, too', () => {
    const cost = (load: Load) => 0.5 * load.connections + 200 * load.deliveries
    const {
      value,
      low,
      high,
      error,
      runs: count,
    } = estimated(runs(cost, ...around), straight, loadOf(20_000, 0.001))
    isNear(value, cost(loadOf(20_000, 0.001)))
    assert.ok(low <= value && value <= (high ?? 0))
    assert.ok((error ?? 1) < 0.1, String(error))
    assert.equal(count, 4)
  })

  it('knows that work which finds the server awake costs less', () => {
    const cost = ({ events }: Load) => 0.01 + 3e-4 * (events / (1 + events * 2e-3)) + 4e-5 * events
    const loads = [20, 60, 200, 600, 1_500].map((events) => loadOf(1_000, events / 1_000))
    const asked = loadOf(1_000, 3)
    const { value, low, high } = estimated(runs(cost, ...loads), all, asked)
    isNear(value, cost(asked), 0.15)
    assert.ok(low <= cost(asked) && cost(asked) <= (high ?? 0))
    // In proportion to the nearest run it would be more, and to the smallest several times as much.
    const proportional = (cost(loadOf(1_000, 0.02)) / 20) * 3_000
    assert.ok(proportional > 3 * cost(asked))
  })

  it('reaches from what grows with nothing to what grows with everything, by one run', () => {
    const [run] = runs(() => 0.2, loadOf(1_000, 0.1))
    assert.ok(run !== undefined)
    const { low, high, error } = estimated(
      [run],
      { ...all, wakes: false, noise: 0.002 },
      loadOf(5_000, 0.2),
    )
    isNear(low, 0.2)
    isNear(high ?? 0, 0.2 * 10)
    assert.equal(error, null)
    // Where it was measured nothing is open.
    const same = estimated([run], all, run.load)
    isNear(same.low, 0.2)
    isNear(same.high ?? 0, 0.2)
  })

  it('says by how much it was wrong of a run that it had not seen, and lies as wide', () => {
    const noise = [1.2, 0.8, 1.2, 0.8, 1.2]
    const loads = [...around, loadOf(1_000, 0.2)]
    const noisy = loads.map((load, i) => ({ load, value: load.deliveries * (noise[i] ?? 1) }))
    const { value, low, high, error } = estimated(noisy, straight, loadOf(1_000, 0.3))
    assert.ok(error !== null && error > 0.2 && error < 1)
    assert.ok(low < value / 1.2 && (high ?? 0) > value * 1.2)
  })

  it('leaves open what the runs do not tell apart, and only where that matters', () => {
    // An event for each delivery, in all of them: it may be the one or the other.
    const observations = runs((load) => 1e-4 * (load.events + load.deliveries), ...around)
    const question: CostQuestion = { terms: ['events', 'deliveries'], wakes: false, noise: 0.002 }
    const alike = estimated(observations, question, loadOf(2_000, 0.5))
    isNear(alike.value, 0.2)
    assert.ok((alike.high ?? 0) < 0.21 && alike.low > 0.19)
    const broadcast: Load = { ...loadOf(2_000, 0.5), events: 0.5 }
    const other = estimated(observations, question, broadcast)
    assert.ok(other.low < 0.1 && (other.high ?? 0) > 0.1)
  })

  it('takes for known what is', () => {
    const known = {
      terms: ['deliveries'],
      wakes: false,
      noise: 0.002,
      known: { payloadBytes: 1 },
    } as const
    const cost = (load: Load) => load.payloadBytes + 50 * load.deliveries
    const longer = { ...loadOf(1_000, 1), payloadBytes: 4096 * 1_000 }
    isNear(estimated(runs(cost, ...around), known, longer).value, cost(longer))
  })

  it('uses what a server took before the load came', () => {
    const idle = { load: { ...loadOf(1_000, 0), process: 1 }, value: 0.01 }
    const [busy] = runs(() => 0.05, loadOf(1_000, 0.1))
    assert.ok(busy !== undefined)
    const question: CostQuestion = { terms: ['process', 'deliveries'], wakes: false, noise: 0.002 }
    const { value } = estimated([{ ...busy, idle }], question, loadOf(1_000, 1e-6))
    assert.ok(value < 0.02 && value > 0.009, String(value))
  })

  it('is none without a run', () => {
    assert.equal(costModel([], all), null)
  })
})
