import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import { fileLayer, tooDeepAt } from './file-layer.ts'

function refusalOf(text: string): string {
  try {
    fileLayer('x.yaml', text)
  } catch (error) {
    assert.ok(error instanceof RtbenchError)
    assert.equal(error.code, 'usage')
    return error.message
  }
  return 'was read'
}

function problemsOf(text: string): readonly string[] {
  return fileLayer('x.yaml', text).problems.map(({ place, text }) => `${place.label}: ${text}`)
}

describe('fileLayer', () => {
  it('gives values as written and tells where they stand', () => {
    const layer = fileLayer(
      'a/b.yaml',
      'clients: 10k # many\n"rate": 0.5\ntransport:\n  - sse\n  - x\n',
    )
    assert.deepEqual(layer.values, { clients: '10k', rate: 0.5, transport: ['sse', 'x'] })
    assert.equal(layer.place('clients').label, 'a/b.yaml:1:10 clients')
    assert.equal(layer.place('rate').label, 'a/b.yaml:2:9 rate')
    assert.equal(layer.place('transport', 1).label, 'a/b.yaml:5:5 transport[1]')
    assert.equal(layer.place('transport', 7).label, 'a/b.yaml:4:3 transport')
    assert.equal(layer.fallbackName, 'b')
  })

  const refused: Readonly<Record<string, RegExp>> = {
    '': /^x\.yaml:1:1: nothing in this file; expected lines such as clients: 1000$/,
    '# a comment only\n': /^x\.yaml:1:1: nothing in this file; expected /,
    '- sse': /^x\.yaml:1:1: not a map of keys and values; expected /,
    '\n\nsse': /^x\.yaml:3:1: not a map of keys and values; expected /,
    'clients: [1': /^x\.yaml:1:\d+: .*bracket.*; expected valid YAML or JSON$/,
    'clients: 1\n\trate: 1': /^x\.yaml:2:1: a tab as indentation/,
    'clients: 1 rate: 2': /^x\.yaml:1:10: a second key in the line of another/,
    'name: "x': /^x\.yaml:1:\d+: a quote.* is missing/,
    'name: @x': /^x\.yaml:1:7: a text that needs quotes/,
    'rate: 1\n---\nrate: 2': /^x\.yaml:2:1: a second document/,
    'rate: !money 3': /^x\.yaml:1:7: an unknown tag/,
    'rate: &a &b 3': /^x\.yaml:1:\d+: invalid syntax \(.*\); expected /,
    '{"clients": 1, "rate"': /^x\.yaml:1:\d+: /,
  }
  for (const [text, message] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.match(refusalOf(text), message))
  }

  it('tells both lines of a duplicate key', () => {
    assert.deepEqual(problemsOf('clients: 1\nrate: 2\nclients: 3'), [
      'x.yaml:3:1 clients: given twice, first in line 1; expected one of them',
    ])
  })

  it('tells unknown keys, the hostile ones too', () => {
    const problems = problemsOf(
      'cleints: 1\n__proto__: {a: 1}\nconstructor: 2\n? [a]\n: 1\n"a\\nb": 1',
    )
    const expected = [
      /^x\.yaml:1:1 cleints: unknown key, did you mean clients\?; expected one of name, /,
      /^x\.yaml:2:1 __proto__: unknown key; expected one of /,
      /^x\.yaml:3:1 constructor: unknown key; expected one of /,
      /^x\.yaml:4:3: a key that is no text; expected one such as clients$/,
      /^x\.yaml:6:1 "a\\nb": unknown key; expected one of /,
    ]
    assert.equal(problems.length, expected.length)
    for (const [at, pattern] of expected.entries()) assert.match(problems[at] ?? '', pattern)
  })

  it('follows an alias, but no bomb of them', () => {
    assert.deepEqual(fileLayer('x', 'hold: &t 5s\ninterval: *t').values, {
      hold: '5s',
      interval: '5s',
    })
    assert.match(problemsOf('hold: *t').join(), /hold: the alias \*t leads nowhere/)
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((s) => [...s])) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(', ')}]`)
    }
    const problems = problemsOf([...bomb, 'threshold: *i'].join('\n'))
    assert.match(problems.at(-1) ?? '', /^x\.yaml:10:12 threshold: the alias \*i leads .* too much/)
  })

  it('turns away what nests too deep for the library', () => {
    for (const opening of ['[', '{a: ', '- ', '? ']) {
      const text = `\n${opening.repeat(5000)}`
      assert.match(refusalOf(text), /^x\.yaml:2:\d+: nested too deep; expected /)
    }
    assert.equal(tooDeepAt('transport: [[sse]]\nx: {y: {z: 1}}'), null)
  })

  it('gives a layer or a usage error for any text', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'a',
          ': ',
          '- ',
          '\n',
          ' ',
          '[',
          ']',
          '{',
          '}',
          ',',
          '"',
          '&a ',
          '*a',
          '? ',
          '#',
          '|',
          '\t',
          '!!x ',
          '---\n',
          'clients',
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), (text) => void refusalOf(text)),
      { numRuns: 500 },
    )
  })
})
