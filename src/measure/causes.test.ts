import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAnswered, mostFrequent } from './causes.ts'

test('the two most frequent causes are told, and nothing where there is none', () => {
  assert.equal(mostFrequent({}), '')
  assert.equal(mostFrequent({ closed: 1 }), ' (closed 1)')
  assert.equal(mostFrequent({ closed: 1, 'http-404': 9, timeout: 4 }), ' (http-404 9, timeout 4)')
})

test('a server that says no is told from one that is overrun', () => {
  assert.equal(isAnswered({ 'http-404': 9, timeout: 4 }), true)
  for (const code of ['content-encoding-gzip', 'ws-compressed', 'sse-media-type', 'ws-refused']) {
    assert.equal(isAnswered({ [code]: 9, timeout: 4 }), true)
  }
  for (const causes of [{}, { timeout: 4 }, { 'http-503': 9 }, { 'http-429': 9 }]) {
    assert.equal(isAnswered(causes), false)
  }
  assert.equal(isAnswered({ 'http-404': 1, timeout: 4 }), false)
})
