import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dataScript, escaped, markup, verbatim } from './markup.ts'

test('text is escaped, markup is not, lists follow each other and nothing is nothing', () => {
  const inner = markup`<b>${'a & b'}</b>`
  assert.equal(
    markup`<p title="${`"'`}">${inner}${[inner, 'x<y', 3]}${null}${undefined}</p>`.text,
    '<p title="&quot;&#39;"><b>a &amp; b</b><b>a &amp; b</b>x&lt;y3</p>',
  )
  assert.equal(markup`${verbatim('<i>')}`.text, '<i>')
})

test('no text keeps a character that markup acts on, or that XML forbids', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const out = escaped(text)
      assert.doesNotMatch(out.replace(/&(?:amp|lt|gt|quot|#39|#35|#58);/g, ''), /[&<>"']/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(out, /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\ufffe\uffff]/)
      assert.doesNotMatch(out, /\p{Surrogate}/u)
    }),
  )
})

test('data for a script is the same value, and ends no element', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      const data = { value, text: `</script><!--${text}` }
      const { text: out } = dataScript(data)
      assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(data)))
      assert.doesNotMatch(out, /[<>]/)
    }),
  )
})
