import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SCENARIO_KEYS } from './keys.ts'
import { didYouMean, suggest } from './suggestion.ts'

describe('suggest', () => {
  const rows: readonly (readonly [string, string | null])[] = [
    ['cleints', 'clients'],
    ['client', 'clients'],
    ['transports', 'transport'],
    ['ramp-up', 'rampUp'],
    ['ramp_up', 'rampUp'],
    ['RAMPUP', 'rampUp'],
    ['thresholds', 'threshold'],
    ['uri', 'url'],
    ['foo', null],
    ['', null],
    ['--', null],
    ['constructor', null],
    ['x'.repeat(1e6), null],
  ]
  for (const [word, expected] of rows) {
    it(`${word.slice(0, 20)} → ${expected}`, () => {
      assert.equal(suggest(word, SCENARIO_KEYS), expected)
    })
  }

  it('never throws, and suggests nothing but candidates', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (word, candidates) => {
        const suggestion = suggest(word, candidates)
        assert.ok(suggestion === null || candidates.includes(suggestion))
      }),
    )
  })

  it('finds a key through any one slip', () => {
    const key = fc.constantFrom(...SCENARIO_KEYS)
    fc.assert(
      fc.property(key, fc.nat(), (word, position) => {
        const at = position % (word.length - 1)
        const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
        assert.equal(suggest(swapped, SCENARIO_KEYS), word)
      }),
    )
  })
})

describe('didYouMean', () => {
  it('follows a problem, or is nothing', () => {
    assert.equal(didYouMean('CLEINTS', ['CLIENTS'], 'RTBENCH_'), ', did you mean RTBENCH_CLIENTS?')
    assert.equal(didYouMean('foo', ['clients']), '')
  })
})
