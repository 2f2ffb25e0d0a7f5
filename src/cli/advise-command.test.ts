import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transports } from '../transports/registry.ts'
import { planToMeasure } from './advise-command.ts'
import { workloadOf } from './advise-options.ts'

for (const [users, eventsPerUser, latency] of [
  ['10k', '6/min', '2s'],
  ['3', '20/day', 'p50<150ms'],
  ['1', '1000', '1ms'],
  ['1M', '1/day', '1h'],
] as const) {
  test(`${users} users of ${eventsPerUser} within ${latency} can be measured`, () => {
    const { scenario, sweep } = planToMeasure(workloadOf({ users, eventsPerUser, latency }))
    assert.equal(sweep, null)
    assert.equal(scenario.transports.length, transports.length)
    assert.ok(scenario.clients >= 1 && scenario.clients <= 1000)
    // For a p99 that says something of each technique.
    const { clients, rate, durationMs } = scenario
    assert.ok(clients * rate * (durationMs / 1000) > 900)
  })
}
