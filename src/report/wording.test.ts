import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listed } from './wording.ts'

test('names in a sentence', () => {
  assert.deepEqual(
    [[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => listed(names)),
    ['', 'a', 'a and b', 'a, b and c'],
  )
})
