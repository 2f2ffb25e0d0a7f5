import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { serverExitOf, withServerExit } from './server.ts'

test('how a server ended stands where its loss is told, by its side', () => {
  const words = serverExitOf('main', 'exit code 3', 'boom')
  assert.equal(words, 'the server of main ended (exit code 3); it said last: boom')
  const reasons = ['connected', 'server-lost'].map((code) => ({
    ...{ code, severity: 'invalid' as const, message: code, value: 1, limit: 0 },
  }))
  const { runs, missing, failure } = withServerExit(
    {
      runs: [
        sampleRun('sse', { validity: { verdict: 'invalid', reasons } }),
        sampleRun('sse', { validity: { verdict: 'invalid', reasons: reasons.slice(0, 1) } }),
        sampleRun('sse'),
      ],
      missing: [{ transport: 'sse', label: 'SSE', repetition: 1, reason: 'not ready' }],
      failure: new RtbenchError('cannot-run', 'not ready'),
    },
    words,
  )
  assert.deepEqual(
    runs.map(({ validity }) => validity.reasons.map(({ message }) => message)),
    [['connected', `server-lost; ${words}`], [`connected; ${words}`], []],
  )
  assert.equal(missing[0]?.reason, `not ready; ${words}`)
  assert.equal(failure?.message, `not ready; ${words}`)
})
