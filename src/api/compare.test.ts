import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RtbenchError } from '../error.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { compare } from './compare.ts'

describe('compare', () => {
  it('takes a result or several, as repetitions', () => {
    const one = compare(sampleResult(), [sampleResult(), sampleResult()])
    assert.equal(one.judged, 'all')
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
