import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE } from '../scenario/catalogue.ts'
import type { ScenarioKey } from '../scenario/keys.ts'
import type { Scenario } from './scenario.ts'

type Difference = Exclude<ScenarioKey, keyof Scenario> | Exclude<keyof Scenario, ScenarioKey>

test('has every key of a scenario file, and none that it has not', () => {
  // It is the compiler that says so.
  const same: [Difference] extends [never] ? true : Difference = true
  assert.ok(same)
})

test('takes what the examples of a file say, and no figure without its unit', () => {
  const scenario: Scenario = {
    clients: '10k',
    duration: '30s',
    warmup: 0,
    channels: 'per-client',
    arrivals: 'constant',
    target: { sse: { path: '/x' } },
    sweep: { interval: ['500ms', '1s'] },
    threshold: ['p99<200ms'],
    seed: 1,
  }
  // @ts-expect-error a duration has a unit
  const unitless: Scenario = { duration: 30 }
  // @ts-expect-error what is no number is not swept
  const swept: Scenario = { sweep: { arrivals: ['poisson', 'constant'] } }
  for (const key of [scenario, unitless, swept].flatMap((one) => Object.keys(one))) {
    assert.ok(key in CATALOGUE, key)
  }
})
