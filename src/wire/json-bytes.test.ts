import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { firstField, JsonLists, lastField } from './json-bytes.ts'
import { runs } from './random.conformance.ts'

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

/** Whether the first `@` of a text is apart from the second one, and so on. */
function apart(text: string): readonly boolean[] {
  const bytes = Buffer.from(text)
  const places = [...bytes.keys()].filter((at) => bytes[at] === 0x40)
  const lists = new JsonLists()
  lists.begin(bytes, 0, bytes.length)
  return places.slice(1).map((place, index) => lists.areApart(bytes, places[index] ?? 0, place))
}

for (const [name, text, expected] of [
  ['elements of a list', '["@","@"]', [true]],
  ['objects in a list', ' [{"a":"@"},{"a":"@"}]', [true]],
  ['fields of an object', '{"a":"@","b":"@"}', [false]],
  ['fields of an object in a list', '[{"a":"@","b":"@"},{"a":"@"}]', [false, true]],
  ['lists in an object', '{"a":["@"],"b":["@"]}', [false]],
  ['lists in a list', '[["@"],["@"]]', [true]],
  ['one list in a list', '[["@","@"],"17"]', [true]],
  ['a text with both', '["@ and @"]', [false]],
  ['brackets and quotes within texts', '{"a":"@],[{\\"","b":"\\\\","c":"@"}', [false]],
  ['an escaped quote before a comma', '["@\\",","@"]', [true]],
  ['a comma of the list before both', '[1,{"a":"@","b":"@"}]', [false]],
  ['a list after a list', '{"a":[1,2],"b":{"c":"@","d":[3,"@"]}}', [false]],
  ['lines of JSON', '{"a":"@"}\n{"a":"@","b":"@"}\n', [true, false]],
  ['no JSON', 'data: [@],[@]', [false]],
  ['nothing that was opened', '{"a":"@"}]}]{"a":"@"}', [true]],
  ['a depth beyond all sense', `${'['.repeat(90)}"@","@"${']'.repeat(90)}`, [false]],
  ['a list around such depths', `[${'[['.repeat(50)}"@"${']]'.repeat(50)},"@"]`, [true]],
] as const) {
  test(`${name}: ${expected.join(', ')}`, () => {
    assert.deepEqual(apart(text), expected)
  })
}

type Json = string | number | readonly Json[] | { readonly [key: string]: Json }

/** Paths of the texts `@`, in order: by the key or the index, and whether it is an index. */
function pathsIn(value: Json, path: readonly (string | number)[] = []): (string | number)[][] {
  if (value === '@') return [[...path]]
  if (typeof value !== 'object') return []
  return Array.isArray(value)
    ? value.flatMap((item: Json, index) => pathsIn(item, [...path, index]))
    : Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...path, key]))
}

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Json>('@', '@', 'x', '],[', '}"{', '\\', 7),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '"', ',', '\\'), tie('json'), { maxKeys: 4 }),
  ),
}))

test('as the parsed text has it', (context) => {
  fc.assert(
    fc.property(json, fc.constantFrom(0, 2), (value, space) => {
      fc.pre(typeof value === 'object')
      const paths = pathsIn(value)
      const expected = paths.slice(1).map((path, index) => {
        const before = paths[index] ?? []
        return typeof path.find((step, depth) => step !== before[depth]) === 'number'
      })
      assert.deepEqual(apart(JSON.stringify(value, null, space)), expected)
    }),
    runs(context, 2_000),
  )
})
