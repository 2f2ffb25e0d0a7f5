import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extrapolationsOf } from './extrapolation.ts'
import type { Load } from './load.ts'

function load(connections: number, rate: number, requests = 0): Load {
  const deliveries = connections * rate
  return {
    process: 1,
    busy: 1,
    connections,
    requests,
    events: deliveries,
    deliveries,
    payloadBytes: 0,
  }
}

const measured = [load(1_000, 0.1, 1_000), load(500, 0.2, 500)]

test('what is much more than any run had is named, the farthest first', () => {
  const cases: readonly (readonly [Load, readonly string[]])[] = [
    [load(1_000, 0.1, 1_000), []],
    [load(10_000, 0.01), []],
    [load(1, 0), []],
    [load(50_000, 0.1), ['users 50']],
    [load(100, 4), ['events 20']],
    [load(1_000, 0.1, 11_000), ['requests 11']],
    // Neither is far alone.
    [load(5_000, 1), ['deliveries 50']],
    [load(20_000, 20, 0), ['events 100', 'users 20']],
  ]
  for (const [wanted, expected] of cases) {
    const found = extrapolationsOf(wanted, measured)
    assert.deepEqual(
      found.map(({ of, factor }) => `${of} ${Math.round(factor)}`),
      expected,
    )
  }
})

test('of what no run had at all nothing is said', () => {
  assert.deepEqual(extrapolationsOf(load(1_000, 1), []), [])
})
