import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { firstField, lastField } from './json-field.ts'

const KEY = Buffer.from('"id":')
const STALE = '"id":"stale"'

/** Reads from the middle of a buffer with stale bytes around, as a shared one has. */
function read(text: string): [first: string | null, last: string | null] {
  const bytes = Buffer.from(STALE + text + STALE, 'latin1')
  const range = [STALE.length, STALE.length + text.length] as const
  return [firstField(bytes, ...range, KEY), lastField(bytes, ...range, KEY)]
}

for (const [text, first, last] of [
  ['{"id":"a"}', 'a', 'a'],
  ['{"id":"a","x":1,"id":"b"}', 'a', 'b'],
  ['{"id":""}', '', ''],
  ['"id":"a"', 'a', 'a'],
  ['', null, null],
  ['{}', null, null],
  ['{"id":1}', '1', '1'],
  ['{"id": "a"}', 'a', 'a'],
  ['{"id":  -1.5e3 ,"id":18446744073709551615}', '-1.5e3', '18446744073709551615'],
  ['{"id":null,"id":{"id":[]}}', null, null],
  ['{"id":1', null, null],
  ['{"id":', null, null],
  ['{"grid":"a"}', null, null],
  // In a string's escaped text the key cannot stand.
  [JSON.stringify({ data: '"id":"x"' }), null, null],
  [JSON.stringify({ id: 'a', data: '{"id":"x"}' }), 'a', 'a'],
] as const) {
  test(`of ${text || 'nothing'}`, () => assert.deepEqual(read(text), [first, last]))
}

test('an unfinished text gives no value but its whole ones', () => {
  const text = '{"id":"ab","id":"cd"}'
  for (let end = 0; end < text.length; end++) {
    const [first, last] = read(text.slice(0, end))
    assert.equal(first, end >= 10 ? 'ab' : null, `${end}`)
    // The last key's value is cut off: rather none than a wrong one.
    assert.equal(last, end >= 20 ? 'cd' : end >= 16 ? null : end >= 10 ? 'ab' : null, `${end}`)
  }
})

test('finds the field of any JSON object', () => {
  const plain = fc.string({ unit: fc.constantFrom(...'abXYZ019_-'), maxLength: 20 })
  fc.assert(
    fc.property(
      plain,
      fc.string({ unit: fc.constantFrom(...'"\\id:,{}\n\0é€') }),
      plain,
      (one, data, other) => {
        const text = JSON.stringify([
          { id: one, data },
          { data, id: other },
        ])
        const bytes = Buffer.from(text)
        assert.equal(firstField(bytes, 0, bytes.length, KEY), one)
        assert.equal(lastField(bytes, 0, bytes.length, KEY), other)
      },
    ),
  )
})

test('refuses a cursor that nobody could send back', () => {
  assert.equal(read(`{"id":"${'x'.repeat(1024)}"}`)[1]?.length, 1024)
  assert.throws(() => read(`{"id":"${'x'.repeat(1025)}"}`), { code: 'cursor-too-long' })
})
