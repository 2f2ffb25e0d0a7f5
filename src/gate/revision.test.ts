import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioOf } from '../experiment/plan.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { measureServed, type Revision } from './revision.ts'

const scenario = { ...scenarioOf([]), transports: ['sse', 'websocket'], repeat: 2, seed: 7 }
const tool = { name: 'rtbench' as const, version: '0' }
const OPTIONS = { signal: new AbortController().signal, onRun: async () => {}, note: () => {} }

test('each run is measured by itself, by the schedule of its repetition', async () => {
  const asked: string[] = []
  const revision: Revision = {
    measure: async ({ scenario: { transports, repeat, seed } }) => {
      asked.push(`${transports.join()} ${repeat} ${seed}`)
      const run = sampleRun(transports[0] === 'sse' ? 'sse' : 'websocket')
      return { runs: [run], missing: [], failure: null, tool }
    },
  }
  const { runs, missing } = await measureServed({ file: '', scenario }, revision, OPTIONS)
  assert.deepEqual(asked, ['sse 1 7', 'websocket 1 7', 'websocket 1 8', 'sse 1 8'])
  assert.deepEqual(
    runs.map(({ transport, repetition }) => `${transport} ${repetition}`),
    ['sse 1', 'websocket 1', 'websocket 2', 'sse 2'],
  )
  assert.deepEqual(missing, [])
})

test('a server that cannot be measured ends it, and says why', async () => {
  const failure = new Error('no server')
  const revision: Revision = {
    measure: async () => ({ runs: [], missing: [], failure, tool }),
  }
  const measured = await measureServed({ file: '', scenario }, revision, OPTIONS)
  assert.equal(measured.failure, failure)
  assert.equal(measured.missing.length, 4)
})
