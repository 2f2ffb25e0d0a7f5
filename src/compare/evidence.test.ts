import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleRun } from '../result/sample.conformance.ts'
import { faultOf } from './evidence.ts'

const invalidBy = (...codes: readonly string[]): Partial<Run> => ({
  validity: {
    verdict: 'invalid',
    reasons: codes.map((code) => ({
      ...{ code, severity: 'invalid', message: code, value: null, limit: null },
    })),
  },
})
const bounded: Partial<Run> = { latencyLowerBound: sampleLatency(1_000, 8_000) }

for (const [what, changes, fault] of [
  ['a valid run', {}, null],
  ['an invalid one', invalidBy('accounting'), 'invalid: accounting'],
  ['one without a reason', invalidBy(), 'invalid: no reason recorded'],
  ['one that was late, with both bounds', { ...invalidBy('slip', 'busy'), ...bounded }, null],
  ['one that was late, without them', invalidBy('slip'), 'invalid: slip'],
  [
    'one that was late and more',
    { ...invalidBy('slip', 'dropped'), ...bounded },
    'invalid: slip, dropped',
  ],
  ['a partial one', { partial: true }, 'partial'],
  ['a partial one that was late', { ...invalidBy('slip'), ...bounded, partial: true }, 'partial'],
  ['an interrupted one', { interrupted: true, partial: true }, 'interrupted'],
] as const satisfies readonly (readonly [string, Partial<Run>, string | null])[]) {
  test(`${what} is ${fault === null ? 'evidence' : 'none'}`, () => {
    assert.equal(faultOf(sampleRun('sse', changes)), fault)
  })
}
