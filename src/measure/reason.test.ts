import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it, test } from 'node:test'
import { isLateWithBounds, isTimingReason, REASON_CODES } from './reason.ts'

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
    'bus-lost',
    'clock-offset',
    'connected',
    'disrupted-lost',
    'disrupted-publishes',
    'dropped',
    'forged',
    'front-lost',
    'interrupted',
    'negative-latency',
    'no-backplane',
    'not-disrupted',
    'nothing-delivered',
    'overflow',
    'publisher-lost',
    'server-lost',
    'server-statistics',
    'unproven',
    'worker-lost',
  ])
})

describe('a run whose bounds alone are apart', () => {
  const run = (...codes: readonly string[]) => ({
    partial: false,
    latencyLowerBound: {},
    validity: { reasons: codes.map((code) => ({ code, severity: 'invalid' })) },
  })

  it('is one that has bounds, and was late by what they hold', () => {
    for (const code of ['slip', 'stall', 'starved', 'busy']) {
      assert.ok(isLateWithBounds(run(code)), code)
    }
    assert.equal(isLateWithBounds({ ...run('busy'), latencyLowerBound: undefined }), false)
  })

  it('is none that is partial, or invalid for another reason, too, or for none', () => {
    assert.equal(isLateWithBounds({ ...run('busy'), partial: true }), false)
    for (const code of ['rate', 'loop-delay', 'accounting']) {
      assert.equal(isLateWithBounds(run('busy', code)), false, code)
    }
    assert.equal(isLateWithBounds(run()), false)
  })
})
