import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Problem, show, showKey, usageError } from './problem.ts'

function problem(text: string, label = '--clients'): Problem {
  return { place: { label, order: 0 }, text }
}

describe('usageError', () => {
  it('has one line per problem', () => {
    const error = usageError([problem('a'), problem('b', 'x.yaml:1:2 rate')])
    assert.equal(error.code, 'usage')
    assert.equal(error.message, '--clients: a\nx.yaml:1:2 rate: b')
  })

  it('says how many it left out', () => {
    const lines = usageError(Array.from({ length: 100 }, () => problem('a'))).message.split('\n')
    assert.equal(lines.length, 21)
    assert.equal(lines[20], '… and 80 more')
  })

  it('keeps to its lines and sends nothing to the terminal, whatever is in a file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (foreign) => {
        const { message } = usageError([problem(`${show(foreign)} ${showKey(foreign)}`, foreign)])
        assert.doesNotMatch(message, /[\p{Cc}\u2028\u2029]/u)
      }),
    )
  })
})

describe('show', () => {
  it('shows values as people write them, and not endlessly', () => {
    const shown = [null, 1.5, Number.NaN, true, 'a"b', [1], { a: 1 }].map(show)
    assert.deepEqual(shown, ['no value', '1.5', 'NaN', 'true', '"a\\"b"', 'a list', 'a map'])
    assert.ok(show('x'.repeat(1000)).length < 70)
  })
})

it('hides the credentials of a URL', () => {
  assert.equal(show('ftp://user:p@ss@host/'), '"ftp://***@host/"')
  assert.equal(show('http://host/a@b'), '"http://host/a@b"')
  const long = show(`http://${'x'.repeat(100)}:secret@host/`)
  assert.equal(long, '"http://***@host/"')
  const { message } = usageError([problem('no such file', 'http://user:secret@host/x.yaml')])
  assert.equal(message, 'http://***@host/x.yaml: no such file')
})
