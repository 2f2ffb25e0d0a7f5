import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RtbenchError } from '../error.ts'
import type { Result } from '../result/document.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { compare } from './compare.ts'

describe('compare', () => {
  it('takes a result or several, as repetitions', () => {
    const at = (hour: number): Result => {
      const { runs, ...result } = sampleResult()
      const startedAt = `2026-11-22T${10 + hour}:00:00.000Z`
      return { ...result, runs: runs.map((run) => ({ ...run, startedAt })) }
    }
    const { judgements, verdict } = compare(at(0), [at(1), at(2)])
    assert.ok(judgements.length > 40)
    const lost = judgements.filter(({ metric }) => metric === 'delivery.lost')
    assert.deepEqual(
      lost.map(({ verdict, repetitions }) => [verdict, ...repetitions]),
      Array(4).fill(['unchanged', 1, 2]),
    )
    assert.equal(verdict, 'inconclusive')
    assert.equal(compare(at(0), at(1), { deterministicOnly: true }).verdict, 'unchanged')
  })

  it('refuses what is no result by an error of its own', () => {
    for (const none of [{}, null, 'a.json', [sampleResult(), {}]]) {
      assert.throws(
        () => compare(sampleResult(), none as never),
        (error: unknown) => {
          assert.ok(error instanceof RtbenchError)
          assert.equal(error.code, 'usage')
          assert.match(error.message, /^candidate: is no result; expected what run or readResult/)
          return true
        },
      )
    }
    assert.throws(() => compare([], sampleResult()), /a side of the comparison has no result/)
  })
})
