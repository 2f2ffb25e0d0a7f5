import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScenarioKey } from '../scenario/keys.ts'
import type { Scenario } from './scenario.ts'

type Difference = Exclude<ScenarioKey, keyof Scenario> | Exclude<keyof Scenario, ScenarioKey>

test('has every key of a scenario file, and none that it has not', () => {
  // It is the compiler that says so.
  const same: [Difference] extends [never] ? true : Difference = true
  assert.ok(same)
})
