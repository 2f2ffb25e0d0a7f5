import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Template } from './template.ts'

const CASES: readonly (readonly [text: string, filled: string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['{a}', '1'],
  ['/x/{a}', '/x/1'],
  ['{a}{b}{a}', '121'],
  ['<{b}|{a}>', '<2|1>'],
  ['{{a}} {c} {', '{1} {c} {'],
]

for (const [text, filled] of CASES) {
  test(`fills in ${JSON.stringify(text)}`, () => {
    assert.equal(new Template(text, '{a}', '{b}').fill('1', '2'), filled)
  })
}

test('leaves alone what is no blank of it', () => {
  assert.equal(new Template('{a}{b}', '{a}').fill('1', '2'), '1{b}')
})

test('a value is never read as a blank', () => {
  assert.equal(new Template('{a}{b}', '{a}', '{b}').fill('{b}', '{a}'), '{b}{a}')
})

test('does what replacing does', () => {
  const piece = fc.constantFrom('{a}', '{b}', '{', '}', 'a', '/', '{ab}')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('')
      const expected = text.replaceAll('{a}', 'ONE').replaceAll('{b}', 'TWO')
      assert.equal(new Template(text, '{a}', '{b}').fill('ONE', 'TWO'), expected)
    }),
  )
})
