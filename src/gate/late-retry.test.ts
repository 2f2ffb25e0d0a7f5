import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readResults } from '../cli/compare/action.ts'
import { RtbenchError } from '../error.ts'
import { scenarioOf } from '../experiment/plan.ts'
import type { Measurement } from '../experiment/series.ts'
import { wasLate } from '../measure/reason.ts'
import type { Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { saveResult } from '../result/store.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { keeperOf, withLateRetries } from './retry.ts'

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

/** What came of a measurement, what was kept of its attempts, and what was said. */
async function retried(
  first: Measurement,
  again: (scenario: Scenario, attempt: number) => Promise<Measurement>,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ runs: readonly Run[]; kept: readonly Run[]; said: readonly string[]; times: number }> {
  const kept: Run[] = []
  const said: string[] = []
  let times = 0
  const { runs } = await withLateRetries(first, scenario, {
    signal,
    again: (once) => again(once, ++times),
    keep: async (run) => kept.push(run),
    note: (line) => said.push(line),
  })
  return { runs, kept, said, times }
}

test('a late run is measured again by its own schedule, and the others are not', async () => {
  const asked: (readonly [readonly string[], number, number])[] = []
  const other = sampleRun('websocket')
  const { runs, kept, said } = await retried(measurement(other, LATE), async (once) => {
    asked.push([once.transports, once.repeat, once.seed])
    return measurement(GOOD)
  })
  const again = { ...GOOD, repetition: 4 }
  assert.deepEqual(asked, [[['sse'], 1, 45]])
  assert.deepEqual(runs, [other, again])
  assert.deepEqual(kept, [LATE, again])
  assert.deepEqual(said, ['sse #4 was late: once more'])
})

test('who is late every time stays invalid, and every attempt is kept', async () => {
  const { runs, kept, times } = await retried(measurement(LATE), async () => measurement(LATE))
  assert.equal(times, 2)
  assert.deepEqual(runs, [LATE])
  assert.deepEqual(kept, [LATE, LATE, LATE])
})

test('what was stopped takes nothing away', async () => {
  for (const next of [measurement(), measurement({ ...GOOD, partial: true })]) {
    const { runs, kept } = await retried(measurement(LATE), async () => next)
    assert.deepEqual([runs, kept], [[LATE], [LATE]])
  }
  const stopped = await retried(
    measurement(LATE),
    async () => measurement(GOOD),
    AbortSignal.abort(),
  )
  assert.deepEqual([stopped.runs, stopped.kept, stopped.times], [[LATE], [], 0])
})

test('what cannot be measured once more is told, and takes nothing away', async () => {
  const failing = async (): Promise<Measurement> => {
    throw new RtbenchError('cannot-run', 'the server did not listen')
  }
  const { runs, said } = await retried(measurement(LATE), failing)
  assert.deepEqual(runs, [LATE])
  assert.deepEqual(said, [
    'sse #4 was late: once more',
    'sse #4 could not be measured once more: the server did not listen',
  ])
  const failed = { ...measurement(), failure: new Error('no port') }
  const returned = await retried(measurement(LATE), async () => failed)
  assert.deepEqual(returned.runs, [LATE])
  assert.equal(returned.said[1], 'sse #4 could not be measured once more: no port')
  const broken = async (): Promise<Measurement> => {
    throw new TypeError('broken')
  }
  await assert.rejects(retried(measurement(LATE), broken), TypeError)
})

test('an attempt is saved beside the others, where no comparison reads it', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-attempts-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const whole = sampleResult()
  await saveResult(folder, whole)
  const keep = keeperOf(whole, async (result) => {
    await saveResult(join(folder, 'attempts'), result)
  })
  for (const second of [1, 2]) {
    await keep({ ...LATE, startedAt: `2027-01-01T00:00:0${second}Z` })
  }
  assert.deepEqual(await readResults(folder), [whole])
  const attempts = await readResults(join(folder, 'attempts'))
  assert.deepEqual(
    attempts.map(({ scenario, runs }) => [scenario.transports, scenario.repeat, runs.length]),
    Array(2).fill([['sse'], 1, 1]),
  )
})
