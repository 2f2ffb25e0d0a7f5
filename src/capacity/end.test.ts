import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Capacity } from '../result/capacity.ts'
import { endOfCapacity } from './end.ts'

test('a search ends by its answer, or by what stood in its way', () => {
  const cases: readonly (readonly [number | null, Capacity['endedBy'], number])[] = [
    [6_200, 'limit', 0],
    [6_200, 'instrument', 0],
    [6_200, 'machine', 0],
    [6_200, 'to', 0],
    [null, 'limit', 3],
    [null, 'instrument', 4],
    [null, 'machine', 4],
    [null, 'lost', 5],
    [null, 'failed', 5],
    [null, 'interrupted', 130],
  ]
  for (const [answer, endedBy, code] of cases) {
    assert.equal(endOfCapacity({ answer, endedBy }, true), code, `${answer} ${endedBy}`)
    assert.equal(endOfCapacity({ answer, endedBy }, false), 6)
  }
})
