import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioOf } from '../../experiment/scenario-sources.ts'
import type { Measurement } from '../../experiment/series.ts'
import { wasLate } from '../../measure/timing-reason.ts'
import type { Run } from '../../result/document.ts'
import { sampleRun } from '../../result/sample.conformance.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { withSecondChances } from './second-chance.ts'

const scenario = scenarioOf([])

function invalid(...codes: readonly string[]): Partial<Run> {
  const reasons = codes.map((code) => ({
    code,
    severity: 'invalid' as const,
    message: code,
    value: null,
    limit: null,
  }))
  return { validity: { verdict: 'invalid', reasons } }
}

const LATE = sampleRun('sse', { ...invalid('slip', 'loop-delay'), repetition: 4, seed: 45 })
const GOOD = sampleRun('sse', { seed: 45 })

function measurement(...runs: readonly Run[]): Measurement {
  return { runs, missing: [], failure: null }
}

test('late is what is invalid for its lateness alone', () => {
  assert.equal(wasLate(LATE), true)
  assert.equal(wasLate(GOOD), false)
  assert.equal(wasLate(sampleRun('sse', invalid('slip', 'dropped'))), false)
  assert.equal(wasLate(sampleRun('sse', { ...invalid('slip'), partial: true })), false)
})

test('a late run is measured again by its own schedule, and the others are not', async () => {
  const asked: (readonly [readonly string[], number, number])[] = []
  const other = sampleRun('websocket')
  const again = async (once: Scenario): Promise<Measurement> => {
    asked.push([once.transports, once.repeat, once.seed])
    return measurement(GOOD)
  }
  const { runs, replaced } = await withSecondChances(measurement(other, LATE), scenario, again)
  assert.deepEqual(asked, [[['sse'], 1, 45]])
  assert.deepEqual(runs, [other, { ...GOOD, repetition: 4 }])
  assert.deepEqual(replaced, [LATE])
})

test('who is late every time stays invalid', async () => {
  let times = 0
  const again = async (): Promise<Measurement> => {
    times++
    return measurement(LATE)
  }
  const { runs, replaced } = await withSecondChances(measurement(LATE), scenario, again)
  assert.equal(times, 2)
  assert.deepEqual(runs, [LATE])
  assert.deepEqual(replaced, [LATE, LATE])
})

test('what was stopped or failed takes nothing away', async () => {
  for (const next of [measurement(), measurement({ ...GOOD, partial: true })]) {
    const kept = await withSecondChances(measurement(LATE), scenario, async () => next)
    assert.deepEqual([kept.runs, kept.replaced], [[LATE], []])
  }
})
