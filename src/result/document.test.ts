import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultSchema } from './document.ts'
import { sampleResult, sampleRun } from './sample.conformance.ts'

const problemOf = (document: unknown): string => {
  const issue = resultSchema.safeParse(document).error?.issues[0]
  return issue === undefined ? '' : issue.path.join('.')
}

test('takes a whole result and keeps keys that it does not know', () => {
  const result = sampleResult()
  assert.deepEqual(resultSchema.parse(result), result)
  const later = { ...result, later: { x: 1 }, runs: [{ ...sampleRun('sse'), weather: 'fair' }] }
  assert.deepEqual(resultSchema.parse(later), later)
})

test('takes a result that does not name its engine: there was one', () => {
  const { scenario, ...rest } = sampleResult()
  const { engine, ...before } = scenario
  assert.equal(engine, 'lean')
  assert.deepEqual(resultSchema.parse({ ...rest, scenario: before }), { ...rest, scenario })
})

test('takes runs without what only /proc or the server tells', () => {
  const run = sampleRun('sse')
  const bare = {
    ...run,
    server: null,
    serviceLatency: null,
    clients: { ...run.clients, held: { mean: null, min: null, max: null } },
    generator: { ...run.generator, cpuUsPerDelivery: null, rssBytes: null },
    host: { cpuUtilisation: null, sharedWithServer: false },
  }
  assert.equal(problemOf(sampleResult({ runs: [bare] })), '')
})

test('takes the runs of an older document, and what a newer one could not measure', () => {
  const { spent, fanOut, probe, ...older } = sampleRun('sse')
  assert.ok(spent && fanOut && probe === null)
  assert.equal(problemOf(sampleResult({ runs: [older] })), '')
  const unknown = { ...older, spent: null, fanOut: null, probe: null }
  assert.equal(problemOf(sampleResult({ runs: [unknown] })), '')
  const wrong = { ...older, spent: { ...spent, readUs: '3' } }
  assert.equal(problemOf({ ...sampleResult(), runs: [wrong] }), 'runs.0.spent.readUs')
})

test('refuses figures that are none', () => {
  const run = sampleRun('sse')
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, '3', undefined]) {
    const document = {
      ...sampleResult(),
      runs: [{ ...run, latency: { ...run.latency, p50Us: wrong } }],
    }
    assert.equal(problemOf(document), 'runs.0.latency.p50Us')
  }
})

test('refuses counts below zero or broken, another version and a missing part', () => {
  const result = sampleResult()
  const run = sampleRun('sse')
  const lost = (value: number): unknown => ({
    ...result,
    runs: [{ ...run, delivery: { ...run.delivery, lost: value } }],
  })
  assert.equal(problemOf(lost(-1)), 'runs.0.delivery.lost')
  assert.equal(problemOf(lost(0.5)), 'runs.0.delivery.lost')
  assert.equal(problemOf({ ...result, schemaVersion: 2 }), 'schemaVersion')
  assert.equal(problemOf({ ...result, environment: undefined }), 'environment')
  assert.equal(problemOf({ ...result, runs: null }), 'runs')
})

test('refuses a histogram that is not base64', () => {
  const run = sampleRun('sse')
  const document = sampleResult({
    runs: [{ ...run, latency: { ...run.latency, histogram: 'HIST\u0000' } }],
  })
  assert.equal(problemOf(document), 'runs.0.latency.histogram')
})
