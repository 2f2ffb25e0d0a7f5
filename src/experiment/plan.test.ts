import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { targetOf } from './plan.ts'

const tokenOf = async (token: string | null): Promise<string | null> =>
  (await targetOf('http://127.0.0.1:9/base/', { token, allowRemote: false })).token

test('an empty token is none', async () => {
  assert.deepEqual(
    [await tokenOf(null), await tokenOf(''), await tokenOf('abc')],
    [null, null, 'abc'],
  )
})

test('a token that no header can carry is refused, and not told', async () => {
  for (const token of ['secret\n', 'sec\r\nX: y', 'secret\u2603', 'sec\u0000']) {
    await assert.rejects(tokenOf(token), (error) => {
      assert.ok(error instanceof RtbenchError)
      assert.equal(error.code, 'usage')
      assert.match(
        error.message,
        /^--token, or RTBENCH_TOKEN, has .*; expected a text of one line$/,
      )
      assert.doesNotMatch(error.message, /sec|X: y/)
      return true
    })
  }
})
