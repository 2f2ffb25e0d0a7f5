import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIGURES } from '../figures/catalogue.ts'
import { REASON_CODES } from '../measure/reason.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { compareTransports } from './comparison.ts'
import { explain, GLOSSARY, meantTerm } from './glossary.ts'
import { tradeOffOf } from './trade-off.ts'

const named = (wanted: string): readonly string[] => explain(wanted).map(({ name }) => name)

test('has a meaning for all that a report says: rows, figures, reasons, verdicts', () => {
  for (const term of [
    ...compareTransports(sampleResult()).rows.map(({ label }) => label),
    ...FIGURES.flatMap(({ label }) => label ?? []),
    ...tradeOffOf(sampleSweep()).head.slice(2),
    ...REASON_CODES,
    ...['valid', 'suspect', 'invalid', 'partial', 'missing'],
    ...[
      'slip',
      'held connections',
      'empty responses',
      'push latency p50',
      'p99',
      'seed',
      'warm-up',
    ],
  ]) {
    assert.ok(explain(term).length > 0, term)
  }
})

test('has each term once, with a sentence', () => {
  const names = GLOSSARY.map(({ name }) => name.toLowerCase())
  assert.equal(new Set(names).size, names.length)
  for (const { name, meaning } of GLOSSARY) assert.match(meaning, /^[A-Z"][^\n]{9,}\.$/, name)
})

test('finds a term by its name, by its place in the document, or by some of its words', () => {
  assert.deepEqual(named('SLIP'), ['slip'])
  assert.deepEqual(named('latency.p99Us'), ['Push latency p99'])
  assert.deepEqual(named('rampUp'), ['--ramp-up'])
  assert.deepEqual(named('rate'), ['rate', '--rate'])
  assert.deepEqual(named('server memory'), ['Server memory per client'])
  assert.ok(named('push latency').length > 3)
  assert.deepEqual(named('nonsense'), [])
  assert.deepEqual(named(' ; '), [])
})

test('guesses what a misspelt one meant', () => {
  assert.equal(meantTerm('slpi'), 'slip')
  assert.equal(meantTerm('empty respones'), 'Empty responses')
  assert.equal(meantTerm('xyzzyxyzzyxyzzy'), null)
})
