import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleRun } from '../result/sample.conformance.ts'
import { meanPart } from './mean-part.ts'

test('who has no fan-out has no part of the mean in it', () => {
  const [poll, stream] = [sampleRun('short-poll'), sampleRun('sse')]
  assert.equal(meanPart(poll, 'fanOutUs'), null)
  assert.equal(meanPart(stream, 'fanOutUs'), stream.spent?.fanOutUs)
  assert.equal(meanPart({ ...stream, spent: null }, 'readUs'), null)
})
