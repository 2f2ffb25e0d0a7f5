import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonLists } from './json-lists.ts'
import { runs } from './random.conformance.ts'

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
