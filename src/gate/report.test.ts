import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Check } from '../report/check.ts'
import type { Suite } from '../report/junit.ts'
import { sampleCheck } from '../report/sample-check.conformance.ts'
import {
  annotations,
  failureAnnotation,
  failureMarkdown,
  gateMarkdown,
  gateRows,
  gateTable,
  gateVerdict,
} from './report.ts'

function suite(...checks: readonly Check[]): Suite {
  const startedAt = '2026-11-22T10:49:36.120Z'
  return { name: 'chat', file: 'ci/chat, 1.yaml', startedAt, durationMs: 1, checks }
}

const VALID = sampleCheck({
  kind: 'validity',
  name: 'validity',
  verdict: 'valid',
  message: '1 run',
})
const REGRESSED = sampleCheck({
  name: 'Push latency p99',
  outcome: 'failed',
  verdict: 'regressed',
  message: '1 ms → 21 ms (+2,000 %), 5 and 5 runs: more than 10 %, and no chance',
})
const INVALID = sampleCheck({
  kind: 'validity',
  outcome: 'errored',
  verdict: 'invalid',
  message: 'INVALID: late',
})
const MISSED = sampleCheck({
  kind: 'threshold',
  name: 'p99<5ms',
  outcome: 'failed',
  verdict: 'missed',
  message: 'p99<5ms missed: 21 ms',
})
const KEPT = sampleCheck({
  kind: 'threshold',
  name: 'lost==0',
  verdict: 'kept',
  message: 'lost==0: 0',
})

const UNTOLD = sampleCheck({
  name: 'Push latency p50',
  outcome: 'errored',
  verdict: 'cannot tell',
  message: '1 ms → 1.1 ms (+10 %; +2 % to +19 %), 9 pairs: more than 10 % is neither shown',
  hasInterval: true,
})
const ALLOWED: Check = { ...UNTOLD, outcome: 'skipped' }
const SURE = sampleCheck({
  name: 'Push latency p50',
  message: '1 ms → 1 ms (0 %; -2 % to +2 %), 9 pairs: surely within 10 %',
  hasInterval: true,
})
const UNJUDGED = ['Mean', 'Requests'].map((name) =>
  sampleCheck({ name, outcome: 'skipped', verdict: 'not judged', message: '1 ms → 2 ms: too few' }),
)
const IMPROVED = sampleCheck({ name: 'Duplicates', verdict: 'improved', message: '20 → 1' })

test('a row says the gravest, what decided, and counts the rest', () => {
  const cases: readonly (readonly [readonly Check[], string, readonly string[]])[] = [
    [[VALID], 'valid', []],
    [[VALID, KEPT], 'kept', ['1 kept: lost==0']],
    [
      [VALID, KEPT, sampleCheck({}), sampleCheck({ name: 'Duplicates' })],
      'unchanged',
      ['1 kept: lost==0', '2 unchanged: Lost, Duplicates'],
    ],
    [
      [VALID, UNTOLD, IMPROVED],
      'cannot tell',
      [`Push latency p50 cannot tell: ${UNTOLD.message}`, 'Duplicates improved: 20 → 1'],
    ],
    // What is allowed is told as well, with its figures.
    [[VALID, ALLOWED], 'cannot tell', [`Push latency p50 cannot tell: ${UNTOLD.message}`]],
    [
      [VALID, SURE, sampleCheck({}), KEPT],
      'unchanged',
      [`Push latency p50 unchanged: ${SURE.message}`, '1 unchanged: Lost', '1 kept: lost==0'],
    ],
    [[VALID, sampleCheck({}), MISSED], 'missed', ['p99<5ms missed: 21 ms', '1 unchanged: Lost']],
    [
      [VALID, MISSED, REGRESSED],
      'regressed',
      ['p99<5ms missed: 21 ms', `Push latency p99 regressed: ${REGRESSED.message}`],
    ],
    [
      [VALID, UNTOLD, REGRESSED],
      'regressed',
      [
        `Push latency p50 cannot tell: ${UNTOLD.message}`,
        `Push latency p99 regressed: ${REGRESSED.message}`,
      ],
    ],
    [
      [VALID, ...UNJUDGED, sampleCheck({})],
      'unchanged',
      ['2 not judged: Mean, Requests', '1 unchanged: Lost'],
    ],
    [
      [{ ...INVALID, lines: ['INVALID: late', 'partial: lost'] }],
      'invalid',
      ['INVALID: late', 'partial: lost'],
    ],
    [[INVALID, sampleCheck({})], 'invalid', ['INVALID: late', '1 unchanged: Lost']],
    [
      [
        VALID,
        sampleCheck({}),
        sampleCheck({ name: 'times', outcome: 'skipped', verdict: 'not judged', message: 'once' }),
      ],
      'unchanged',
      ['1 unchanged: Lost', 'once'],
    ],
  ]
  for (const [checks, verdict, lines] of cases) {
    const [row] = gateRows([suite(...checks)])
    assert.equal(row?.verdict, verdict)
    assert.deepEqual(row?.lines, lines)
  }
  const rows = gateRows([suite(VALID, KEPT), suite(REGRESSED), suite(sampleCheck({}))])
  assert.equal(gateVerdict(rows), 'regressed')
})

test('the gravest of all rows is the verdict of the whole', () => {
  const gravest = [
    'not measured',
    'invalid',
    'partial',
    'regressed',
    'missed',
    'cannot tell',
    'accepted',
    'improved',
    'late',
    'suspect',
    'unchanged',
    'kept',
    'not judged',
    'valid',
  ]
  const rows = gravest.flatMap((verdict) => gateRows([suite(sampleCheck({ verdict }))]))
  for (const [place, verdict] of gravest.entries()) {
    assert.equal(gateVerdict(rows.slice(place).toReversed()), verdict)
  }
  assert.equal(gateVerdict([]), 'nothing measured')
})

test('the table keeps to its width, and has all that decided', () => {
  const rows = gateRows([
    suite(VALID, REGRESSED),
    suite(sampleCheck({ transport: 'Long polling' })),
  ])
  for (const width of [80, 120, 200]) {
    const lines = gateTable(rows, { width }).split('\n')
    assert(Math.max(...lines.map(({ length }) => length)) <= width)
    const text = lines.join(' ').replace(/[│\s]+/g, ' ')
    assert.match(text, /chat WebSocket regressed Push latency p99 regressed: 1 ms → 21 ms/)
  }
})

test('the summary says the verdict first, and Markdown cannot be smuggled in', () => {
  const rows = gateRows([{ ...suite(REGRESSED), name: '| <img src=x> [a](b)' }])
  const text = gateMarkdown(rows, ['a note\nof <b>two</b> lines'])
  assert.match(text, /^## rtbench: regressed\n\n\| Scenario/)
  assert.match(text, /\n\| \\\| &lt;img src=x> \\\[a\\\]\(b\) \| WebSocket \| \*\*regressed\*\* \|/)
  assert.match(text, /\n- a note of &lt;b>two&lt;\/b> lines\n/)
})

test('annotations are escaped as GitHub reads them', () => {
  const rows = gateRows([
    suite(VALID, MISSED, REGRESSED),
    suite(VALID, KEPT),
    suite(sampleCheck({ verdict: 'improved', message: '50 % faster\r' })),
    suite(UNTOLD),
    suite(ALLOWED),
  ])
  assert.deepEqual(
    annotations(rows, (file) => `repo/${file}`),
    [
      '::error file=repo/ci/chat%2C 1.yaml,title=chat%2C WebSocket%3A regressed::p99<5ms missed: 21 ms%0APush latency p99 regressed: 1 ms → 21 ms (+2,000 %25), 5 and 5 runs: more than 10 %25, and no chance',
      '::notice file=repo/ci/chat%2C 1.yaml,title=chat%2C WebSocket%3A improved::Lost improved: 50 %25 faster%0A',
      ...(['error', 'warning'] as const).map(
        (level) =>
          `::${level} file=repo/ci/chat%2C 1.yaml,title=chat%2C WebSocket%3A cannot tell::Push latency p50 cannot tell: 1 ms → 1.1 ms (+10 %25; +2 %25 to +19 %25), 9 pairs: more than 10 %25 is neither shown`,
      ),
    ],
  )
})

test('a failure without a row is told to GitHub as well', () => {
  const message = 'a.yaml: <b>100% wrong</b>'
  assert.equal(failureAnnotation(message), '::error title=rtbench ci::a.yaml: <b>100%25 wrong</b>')
  assert.equal(
    failureMarkdown(message),
    '## rtbench: failed\n\na.yaml: &lt;b>100% wrong&lt;/b>\n\n',
  )
})
