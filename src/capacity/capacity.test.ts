import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../compare/outcome.ts'
import type { Capacity } from '../result/capacity.ts'
import { outcomeOfSearch } from './capacity.ts'

test('a search ends by its answer, or by what stood in its way', () => {
  const cases: readonly (readonly [number | null, Capacity['endedBy'], Outcome])[] = [
    [6_200, 'limit', 'done'],
    [6_200, 'instrument', 'done'],
    [6_200, 'machine', 'done'],
    [6_200, 'to', 'done'],
    [null, 'limit', 'threshold'],
    [null, 'instrument', 'invalid'],
    [null, 'machine', 'invalid'],
    [null, 'lost', 'partial'],
    [null, 'failed', 'partial'],
    [null, 'interrupted', 'interrupted'],
  ]
  for (const [answer, endedBy, outcome] of cases) {
    assert.equal(outcomeOfSearch({ answer, endedBy }, true), outcome, `${answer} ${endedBy}`)
    assert.equal(outcomeOfSearch({ answer, endedBy }, false), 'notWritten')
  }
})
