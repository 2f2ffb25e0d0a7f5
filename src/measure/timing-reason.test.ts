import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { REASON_CODES } from './reason-code.ts'
import { isTimingReason } from './timing-reason.ts'

/** Every code that a run can be flagged with, as the docs have them. */
const codes = readFileSync(new URL('../../docs/validity.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `([a-z-]+)`/.exec(line)?.[1] ?? [])

test('all have a word in the docs, which have no others', () => {
  assert.deepEqual(codes.toSorted(), REASON_CODES.toSorted())
})

test('knows which of the reasons are of time alone', () => {
  assert(codes.length > 15, codes.join())
  const counting = codes.filter((code) => !isTimingReason({ code }))
  assert.deepEqual(counting.toSorted(), [
    'accounting',
    'clock-offset',
    'connected',
    'dropped',
    'forged',
    'interrupted',
    'negative-latency',
    'nothing-delivered',
    'overflow',
    'publisher-lost',
    'server-lost',
    'server-statistics',
    'unproven',
    'worker-lost',
  ])
})
