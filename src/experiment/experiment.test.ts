import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Phase } from '../swarm/run-order.ts'
import { remainingMs } from './experiment.ts'

const times = { rampUpMs: 3_000, warmupMs: 2_000, durationMs: 10_000 }

test('is of this run and of those to come', () => {
  const cases: readonly (readonly [Phase, number, number])[] = [
    ['starting', 500, 15_000],
    ['ramp-up', 1_000, 14_000],
    ['warm-up', 500, 11_500],
    ['steady', 4_000, 6_000],
    ['drain', 2_000, 0],
    ['done', 0, 0],
  ]
  for (const [phase, phaseElapsedMs, expected] of cases) {
    const progress = { phase, phaseElapsedMs }
    assert.equal(remainingMs(progress, times, 0), expected, phase)
    assert.equal(remainingMs(progress, times, 3), expected + 45_000, phase)
  }
})

test('a phase that takes longer than it should takes nothing from the next', () => {
  assert.equal(remainingMs({ phase: 'ramp-up', phaseElapsedMs: 9_000 }, times, 0), 12_000)
  const auto = { ...times, rampUpMs: null }
  assert.equal(remainingMs({ phase: 'ramp-up', phaseElapsedMs: 9_000 }, auto, 1), 24_000)
})
