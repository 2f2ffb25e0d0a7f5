import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../compare/outcome.ts'
import { scenarioOf } from '../experiment/plan.ts'
import type { Check } from '../report/check.ts'
import { renderJunit } from '../report/junit.ts'
import { sampleCheck } from '../report/sample-check.conformance.ts'
import type { Result, Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { causeOf, type Gated, type GateOptions, gate, type Stored } from './gate.ts'
import { type Judged, judge } from './judge.ts'
import { annotations, gateRows } from './report.ts'

const CASE = { file: 'a.yaml', scenario: scenarioOf([]) }
const OPTIONS: GateOptions = {
  startedAt: '2026-11-22T10:49:36.120Z',
  interrupted: false,
  allowInvalid: false,
  gating: true,
  deterministicOnly: false,
  allowInconclusive: false,
}

const MEASURED = {
  baseline: null,
  against: null,
  failure: null,
  written: true,
  tookMs: 12_345,
}

/** The last look of a case, and what earlier ones looked at. */
type Case = Partial<Omit<Stored, 'judged'>> & {
  readonly earlier?: readonly { readonly candidate: Result; readonly baseline: Result }[]
}

function result(run: Partial<Run> = {}, ...thresholds: readonly string[]): Result {
  const { scenario } = sampleResult()
  return sampleResult({ runs: [sampleRun('sse', run)], scenario: { ...scenario, thresholds } })
}

function gated({ earlier = [], ...rest }: Case, options: Partial<GateOptions> = {}): Gated {
  const measured = { ...MEASURED, candidate: result(), ...rest }
  const { deterministicOnly, allowInconclusive, ...all } = { ...OPTIONS, ...options }
  const judging = { deterministicOnly, allowInconclusive, thresholdShare: 0.1, judge: [] }
  const isPaired = measured.against !== null
  let judged: Judged | null = null
  // Of pairs only those are looked at that count.
  const counts = isPaired ? measured.baseline?.runs.every(isSound) : true
  for (const { candidate, baseline } of [...earlier, measured]) {
    if (candidate === null || counts !== true) continue
    judged = judge(candidate, baseline, { ...judging, level: 0.0125, isPaired, earlier: judged })
  }
  return gate(CASE, { ...measured, judged }, { ...all, deterministicOnly, allowInconclusive })
}

function isSound({ partial, validity }: Run): boolean {
  return !partial && validity.verdict !== 'invalid'
}

function invalid(code: string): Partial<Run> {
  const reason = { code, severity: 'invalid' as const, message: code, value: 1, limit: 0 }
  return { validity: { verdict: 'invalid', reasons: [reason] } }
}

const late = { ...invalid('starved'), latencyLowerBound: sampleLatency(100, 200) }
const heavy = { wire: { bytesReceived: 800_000, bytesSent: 1, bytesPerDelivery: 344 } }
const HEAVIER = result(heavy)
const LATE = result({ ...heavy, ...late })
const UNBOUNDED = result({ ...heavy, ...invalid('starved') })
const SLOWER = result({}, 'p99<1ms')

const LOSSES = { ...sampleRun('sse').delivery, delivered: 999, lost: 1, reach: 0.999 }
const LOSSY = result({ delivery: LOSSES })
/** Its bounds stand on either side of the limit. */
const UNTOLD = result({ ...late, latency: sampleLatency(3_000, 12_000) }, 'p99<5ms')
const ABSENT = { transport: 'sse', label: 'Server-Sent Events', repetition: 2, reason: 'stopped' }

test('the outcome of a case', () => {
  const failure = new Error('no server')
  const cases: readonly (readonly [string, Outcome, Case, Partial<GateOptions>?])[] = [
    ['all is well', 'done', {}],
    ['as it was', 'done', { baseline: result() }],
    ['a regression', 'threshold', { candidate: HEAVIER, baseline: result() }],
    [
      'a regression of a count that is none by more runs',
      'done',
      {
        candidate: result(),
        baseline: result(),
        earlier: [{ candidate: HEAVIER, baseline: result() }],
      },
    ],
    [
      'a regression of a count that was none by fewer',
      'threshold',
      {
        candidate: HEAVIER,
        baseline: result(),
        earlier: [{ candidate: result(), baseline: result() }],
      },
    ],
    ['an improvement', 'done', { candidate: result(), baseline: HEAVIER }],
    [
      'a regression that is to be the baseline',
      'done',
      { candidate: HEAVIER, baseline: result() },
      { gating: false },
    ],
    ['a threshold that is missed', 'threshold', { candidate: SLOWER }],
    ['the same, while a baseline is made', 'threshold', { candidate: SLOWER }, { gating: false }],
    [
      'a threshold on a time, where times do not matter',
      'done',
      { candidate: SLOWER },
      { deterministicOnly: true },
    ],
    [
      'a regression of which late runs leave no doubt',
      'threshold',
      { candidate: LATE, baseline: result() },
    ],
    ['the same without a lower bound', 'invalid', { candidate: UNBOUNDED, baseline: result() }],
    ['late, and as it was', 'done', { candidate: result(late), baseline: result() }],
    [
      'late without a lower bound, and as it was',
      'invalid',
      { candidate: result(invalid('starved')), baseline: result() },
    ],
    ['invalid', 'invalid', { candidate: result(invalid('slip')) }],
    [
      'invalid, which is allowed',
      'done',
      { candidate: result(invalid('slip')) },
      { allowInvalid: true },
    ],
    [
      'late, where times do not matter',
      'done',
      { candidate: result(invalid('slip')) },
      { deterministicOnly: true },
    ],
    [
      'miscounted',
      'invalid',
      { candidate: result(invalid('accounting')) },
      { deterministicOnly: true },
    ],
    ['an invalid stored baseline', 'inconclusive', { baseline: result(invalid('slip')) }],
    [
      'the same, where times do not matter',
      'done',
      { baseline: result(invalid('slip')) },
      { deterministicOnly: true },
    ],
    [
      'an invalid side of a pair',
      'invalid',
      { baseline: result(invalid('slip')), against: 'main' },
    ],
    [
      'an invalid side of a pair, which is allowed, and nothing was compared',
      'inconclusive',
      { baseline: result(invalid('slip')), against: 'main' },
      { allowInvalid: true },
    ],
    [
      'a partial side of a pair, which is invalid for it',
      'partial',
      { baseline: result({ ...invalid('server-lost'), partial: true }), against: 'main' },
    ],
    ['partial', 'partial', { candidate: result({ partial: true }) }],
    [
      'partial and invalid, which is allowed',
      'partial',
      { candidate: result({ ...invalid('server-lost'), partial: true }) },
      { allowInvalid: true },
    ],
    ['one run of several is missing', 'partial', { candidate: { ...result(), missing: [ABSENT] } }],
    ['a threshold that cannot be told', 'inconclusive', { candidate: UNTOLD }],
    ['the same, which is allowed', 'done', { candidate: UNTOLD }, { allowInconclusive: true }],
    ['the same, allowed as invalid', 'done', { candidate: UNTOLD }, { allowInvalid: true }],
    ['a first loss, which may be chance', 'inconclusive', { candidate: LOSSY, baseline: result() }],
    [
      'the same, which is allowed',
      'done',
      { candidate: LOSSY, baseline: result() },
      { allowInconclusive: true },
    ],
    [
      'the same, of which only the invalid is allowed',
      'inconclusive',
      { candidate: LOSSY, baseline: result() },
      { allowInvalid: true },
    ],
    [
      'the same, while a baseline is made',
      'done',
      { candidate: LOSSY, baseline: result() },
      { gating: false },
    ],
    [
      'a first loss beside a regression',
      'threshold',
      { candidate: result({ ...heavy, delivery: LOSSES }), baseline: result() },
    ],
    [
      'a pair, of which nobody can tell times by one run a side',
      'inconclusive',
      { baseline: result(), against: 'main' },
    ],
    [
      'the same, where times do not matter',
      'done',
      { baseline: result(), against: 'main' },
      { deterministicOnly: true },
    ],
    [
      'a late side of a pair, where times do not matter',
      'done',
      { candidate: result(invalid('slip')), baseline: result(), against: 'main' },
      { deterministicOnly: true },
    ],
    ['a run that could not be measured', 'partial', { failure }],
    ['nothing could be measured', 'couldNotRun', { candidate: null, failure }],
    ['stopped before it began', 'interrupted', { candidate: null }],
    ['stopped', 'interrupted', { candidate: result({ partial: true }) }, { interrupted: true }],
    ['not saved', 'notWritten', { written: false, candidate: result({ partial: true }) }],
  ]
  for (const [name, outcome, measured, options] of cases) {
    assert.equal(gated(measured, options).outcome, outcome, name)
  }
})

test('by one run times are not judged, and that is said', () => {
  const { suite } = gated({ baseline: result() })
  const skipped = suite.checks.filter(({ outcome }) => outcome === 'skipped')
  assert.deepEqual(
    skipped.map(({ transport, name, verdict, message }) => [transport, name, verdict, message]),
    [
      [
        'Server-Sent Events',
        'times',
        'not judged',
        'times are not judged: one run a side tells nothing of them; --against measures both sides in turn',
      ],
    ],
  )
})

test('thresholds are not judged by a run that was stopped before its window', () => {
  const stopped = result({ durationMs: 0, interrupted: true, partial: true }, 'lost==0', 'p99<1ms')
  const { suite } = gated({ candidate: stopped })
  const thresholds = suite.checks.filter(({ kind }) => kind === 'threshold')
  assert.deepEqual(
    thresholds.map(({ name, outcome, verdict }) => [name, outcome, verdict]),
    [
      ['lost==0', 'skipped', 'not judged'],
      ['p99<1ms', 'skipped', 'not judged'],
    ],
  )
})

test('what is wrong with the other side of a pair is an error by its name, and no secret', () => {
  const cases: readonly (readonly [Partial<Run>, string])[] = [
    [invalid('accounting'), 'invalid'],
    [{ partial: true }, 'partial'],
  ]
  for (const deterministicOnly of [true, false]) {
    for (const [run, verdict] of cases) {
      const { suite } = gated(
        { baseline: result(run), against: 'origin/main' },
        { deterministicOnly },
      )
      const [row, all] = gateRows([suite])
      assert.equal(row?.verdict, verdict)
      assert.match(row?.lines[0] ?? '', /^origin\/main: /)
      assert.match(all?.lines[0] ?? '', /^comparison cannot tell: no pair of runs counts, /)
      assert.match(renderJunit([suite]), /errors="2"/)
      assert.equal(annotations(gateRows([suite])).length, 2)
    }
  }
  // A stored one is refused where it is stored.
  const { suite } = gated({ baseline: result({ partial: true }) })
  assert.ok(suite.checks.every(({ name }) => name !== 'validity of origin/main'))
})

test('runs that could not be measured show in the table', () => {
  const { suite } = gated({ failure: new Error('no server') })
  const last = gateRows([suite]).at(-1)
  assert.deepEqual([last?.transport, last?.verdict, last?.lines], ['all', 'partial', ['no server']])
})

test('nothing measured is of all techniques', () => {
  const { suite } = gated({ candidate: null, failure: new Error('no server') })
  assert.equal(gateRows([suite])[0]?.transport, 'all')
})

test('a change that is to be the baseline is a notice, and no failure', () => {
  const { suite } = gated({ candidate: HEAVIER, baseline: result() }, { gating: false })
  const rows = gateRows([suite])
  assert.equal(rows[0]?.verdict, 'accepted')
  assert.match(rows[0]?.lines[0] ?? '', /^Bytes per delivery accepted: \S+ B → /)
  assert.match(annotations(rows).join(), /^::notice /)
  assert.match(renderJunit([suite]), /failures="0"/)
  const lossy = gated({ candidate: LOSSY, baseline: result() }, { gating: false })
  assert.equal(gateRows([lossy.suite])[0]?.verdict, 'cannot tell')
  assert.match(renderJunit([lossy.suite]), /errors="0"/)
  const late = gated({ candidate: result(invalid('slip')) }, { gating: false })
  assert.equal(gateRows([late.suite])[0]?.verdict, 'invalid')
})

test('a case takes as long as it took', () => {
  assert.match(renderJunit([gated({}).suite]), /<testsuite [^>]*time="12\.345"/)
})

function ended(outcome: Outcome, ...checks: readonly Partial<Check>[]): Gated {
  const all = checks.map(sampleCheck)
  const suite = { name: 'chat', file: null, startedAt: '', durationMs: 0, checks: all }
  return { candidate: null, suite, notes: [], outcome }
}

test('the cause of an outcome, by what decided it', () => {
  const lost = ended('threshold', { outcome: 'failed' }, { name: 'Bytes' })
  const late = ended('invalid', { name: 'validity of main', outcome: 'errored' })
  const many = ended(
    'threshold',
    ...['a', 'b', 'c', 'd', 'e'].map((name): Partial<Check> => ({ name, outcome: 'failed' })),
  )
  const cases: readonly (readonly [Outcome, readonly Gated[], string | null])[] = [
    ['done', [ended('done', {})], null],
    ['threshold', [lost], 'regressed, or a threshold was missed (chat, WebSocket: Lost)'],
    ['invalid', [lost, late], 'a measurement is invalid (chat, WebSocket: validity of main)'],
    [
      'threshold',
      [many],
      'regressed, or a threshold was missed (chat, WebSocket: a; chat, WebSocket: b; chat, WebSocket: c; 2 more)',
    ],
    [
      'partial',
      [
        ended(
          'partial',
          { name: 'validity', outcome: 'errored', verdict: 'invalid' },
          { transport: 'SSE', name: 'validity', outcome: 'errored', verdict: 'partial' },
        ),
      ],
      'a run is partial or was not measured (chat, SSE: validity)',
    ],
    [
      'inconclusive',
      [
        ended(
          'inconclusive',
          { name: 'validity', outcome: 'errored', verdict: 'invalid' },
          { outcome: 'errored', verdict: 'cannot tell' },
          { name: 'Bytes', outcome: 'skipped', verdict: 'not judged' },
        ),
      ],
      'what was asked cannot be told (chat, WebSocket: Lost)',
    ],
    ['notWritten', [lost], 'something could not be written'],
  ]
  for (const [outcome, all, cause] of cases) assert.equal(causeOf(outcome, all), cause)
})
