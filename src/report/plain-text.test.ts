import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { breakWords, glued, inertJson, pageOf, unglued, wrap } from './plain-text.ts'

test('takes apart what a CI would act on', () => {
  assert.equal(pageOf([['a', '::b'], [], ['c']]), 'a\n: :b\n\nc\n')
  assert.equal(inertJson('{"###[": "#"}'), '{"\\u0023\\u0023#[": "#"}')
})

test('wraps between words, and within a word that is too long', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrap('ERR_STREAM_DESTROYED x', 8), ['ERR_STRE', 'AM_DESTR', 'OYED x'])
  assert.deepEqual(wrap('', 8), [''])
  assert.equal(breakWords('12345678', 8), '12345678')
})

test('no line is wider than asked and no word is lost', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z ]{0,80}$/), fc.integer({ min: 1, max: 20 }), (text, n) => {
      const lines = wrap(text, n)
      for (const line of lines) assert.ok(line.length <= n)
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
    }),
  )
})

test('keeps a figure with its unit', () => {
  const lines = wrap(glued('p50 2.97 ms, 99.0 % of 10 sets'), 11).map(unglued)
  assert.ok(lines.some((line) => line.includes('2.97 ms')))
  assert.ok(lines.some((line) => line.includes('99.0 %')))
  assert.equal(unglued(glued('10 sets, 3 s')), '10 sets, 3 s')
})
