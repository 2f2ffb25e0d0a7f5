import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpResponseParser } from './http-response.ts'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.parse('Sun, 06 Nov 1994 08:49:07 GMT')

for (const [value, expected] of [
  ['0', 0],
  ['120', 120_000],
  [' 2 ', 2_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
  ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
  ['', 0],
  ['-5', 0],
  ['1.5', 0],
  ['soon', 0],
  ['99999999999999', 0],
] as const) {
  test(`Retry-After: ${value || 'nothing'} is ${expected} ms`, () => {
    assert.equal(retryAfterMs(value, NOW), expected)
  })
}

test('a head tells it, at any byte boundary, and the next one of the same parser does not', () => {
  const answer = 'HTTP/1.1 503 No\r\nretry-AFTER: 7\r\nContent-Length: 0\r\n\r\n'
  const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
  for (let cut = 1; cut < answer.length; cut++) {
    const told: number[] = []
    const parser = new HttpResponseParser({
      onHead: ({ retryAfterMs }) => told.push(retryAfterMs),
      onBody: () => {},
      onComplete: () => {},
    })
    for (const text of [answer.slice(0, cut), answer.slice(cut), plain, answer]) {
      const bytes = Buffer.from(text)
      parser.execute(bytes, 0, bytes.length)
    }
    assert.deepEqual(told, [7_000, 0, 7_000], `cut after ${cut} bytes`)
  }
})
