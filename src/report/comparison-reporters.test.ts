import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Judgement, ScenarioComparison } from '../result/judgement.ts'
import { comparisonReporters, conclusionOf, verdictWord, whyOf } from './comparison-reporters.ts'

const P50: Judgement = {
  metric: 'latency.p50Us',
  label: 'Push latency p50',
  unit: 'time',
  transport: 'sse',
  transportLabel: 'Server-Sent Events',
  point: null,
  verdict: 'regressed',
  kind: 'noisy',
  isJudged: true,
  isPaired: true,
  baseline: 12_000,
  candidate: 15_000,
  change: 0.25,
  interval: [0.17, 0.334],
  detectable: 0.142,
  pValue: null,
  adjustedPValue: null,
  moreRunsTell: false,
  repetitions: [31, 31],
  reason: 'surely by more than 10 %',
}
const SAME: Judgement = {
  ...P50,
  metric: 'server.totalCpuUsPerDelivery',
  label: 'Server CPU, all, per delivery',
  verdict: 'unchanged',
  candidate: 12_100,
  change: 0.008,
  interval: [-0.031, 0.047],
  reason: 'surely within 10 %',
}
const LOST: Judgement = {
  ...P50,
  metric: 'delivery.lost',
  label: 'Lost',
  unit: 'count',
  kind: 'deterministic',
  isPaired: false,
  verdict: 'unchanged',
  baseline: 0,
  candidate: 0,
  change: null,
  interval: null,
  detectable: null,
  reason: 'none',
}
const UNTOLD: Judgement = { ...P50, verdict: 'inconclusive', reason: 'more than 10 % is open' }
const TAIL: Judgement = {
  ...P50,
  metric: 'latency.p99Us',
  label: 'Push latency p99',
  isJudged: false,
  reason: 'by more than 10 %',
}

function comparison(
  verdict: ScenarioComparison['verdict'],
  ...judgements: readonly Judgement[]
): ScenarioComparison {
  return { scenario: 'chat', judgements, warnings: [], verdict }
}

function render(name: string, one: ScenarioComparison, all = false, width = 160): string {
  const reporter = comparisonReporters.find((reporter) => reporter.name === name) ?? assert.fail()
  return reporter.render([one], { all, width })
}

/** A table's cells, one line each row, whatever is broken. */
function rowsOf(table: string): readonly string[] {
  return table.split('\n').map((line) => line.replace(/[│\s]+/g, ' ').trim())
}

describe('the conclusion', () => {
  it('counts what is judged, by its verdict, the gravest first', () => {
    const all = [SAME, UNTOLD, P50, LOST, { ...P50, verdict: 'improved' as const }, TAIL]
    assert.equal(
      conclusionOf(comparison('regressed', ...all)),
      'REGRESSED: 1 regressed, 1 improved, 1 cannot tell, 2 unchanged',
    )
    assert.equal(
      conclusionOf(comparison('inconclusive', UNTOLD, SAME)),
      'CANNOT TELL whether something regressed: 1 cannot tell, 1 unchanged',
    )
    assert.equal(conclusionOf(comparison('unchanged', SAME, LOST)), 'No regression: 2 unchanged')
    const better = comparison('improved', { ...P50, verdict: 'improved' })
    assert.equal(conclusionOf(better), 'No regression: 1 improved')
  })

  it('of nothing does not say that nothing regressed', () => {
    const line = 'NOTHING COMPARED: no transport has runs on both sides'
    assert.equal(conclusionOf(comparison('inconclusive')), line)
    assert.equal(conclusionOf(comparison('inconclusive', TAIL)), line)
  })

  it('tells what is missing although all that is there is unchanged', () => {
    assert.match(conclusionOf(comparison('inconclusive', SAME)), /^CANNOT TELL .*: 1 unchanged$/)
  })
})

test('a verdict in words: nobody asked about what is not judged', () => {
  assert.deepEqual([P50, SAME, UNTOLD, TAIL].map(verdictWord), [
    'regressed',
    'unchanged',
    'cannot tell',
    'not judged',
  ])
})

test('why, and what would have been found', () => {
  assert.equal(whyOf(P50), 'surely by more than 10 %; a change of 14 % would have been found')
  assert.equal(
    whyOf({ ...P50, detectable: 0.0712 }),
    'surely by more than 10 %; a change of 7.1 % would have been found',
  )
  assert.equal(whyOf(LOST), 'none')
})

describe('rows', () => {
  it('are what changed, what cannot be told, and what is unchanged by an interval', () => {
    const one = comparison('regressed', P50, SAME, LOST, TAIL)
    const rows = rowsOf(render('table', one)).join('\n')
    assert.match(
      rows,
      /^Push latency p50 12 ms 15 ms \+25 % \(\+17 % to \+33 %\) regressed surely by more than 10 %/m,
    )
    assert.match(
      rows,
      /^Server CPU, all, per 12 ms 12\.1 ms \+0\.8 % \(−3\.1 % to unchanged .*\ndelivery \+4\.7 %\)$/m,
    )
    assert.doesNotMatch(rows, /^Lost /m)
    assert.match(rows, /^Server-Sent Events: 1 unchanged$/m)
    assert.match(rows, /^Server-Sent Events: 1 not judged \(Push latency p99\)$/m)
  })

  it('are all where all is asked for', () => {
    const rows = rowsOf(render('table', comparison('regressed', P50, SAME, LOST, TAIL), true))
    const text = rows.join('\n')
    assert.match(text, /^Lost 0 0 \S+ unchanged none$/m)
    assert.match(text, /^Push latency p99 .* not judged by more than 10 %/m)
    assert.doesNotMatch(text, /^Server-Sent Events: /m)
  })

  it('stand by technique', () => {
    const other = { ...P50, transportLabel: 'WebSocket', transport: 'websocket' }
    const text = render('markdown', comparison('regressed', P50, other, SAME))
    assert.deepEqual(text.match(/^### .*$/gm), ['### Server-Sent Events', '### WebSocket'])
  })

  it('keep to the width of the terminal', () => {
    for (const width of [120, 160, 200]) {
      const lines = render('table', comparison('regressed', P50, UNTOLD), false, width).split('\n')
      assert.ok(Math.max(...lines.map((line) => line.length)) <= width, `${width}`)
    }
  })

  it('have a sign that is one, and no 0 with a sign', () => {
    const of = (change: number): string =>
      render('markdown', comparison('unchanged', { ...SAME, change, interval: [change, change] }))
    assert.match(of(-0.25), /\| −25 % \(−25 % to −25 %\) \|/)
    assert.match(of(0), /\| 0 % \(0 % to 0 %\) \|/)
    assert.match(of(-0.0001), /\| 0 % \(0 % to 0 %\) \|/)
    assert.match(of(0.0123), /\| \+1\.2 % \(/)
  })
})

test('Markdown says the conclusion first, and the warnings', () => {
  const warned = { ...comparison('regressed', P50, LOST), warnings: ['not the same <machine>'] }
  const text = render('markdown', warned)
  assert.match(
    text,
    /^## Comparison of chat\n\n\*\*REGRESSED: 1 regressed, 1 unchanged\*\*\n\n- WARNING: not the same &lt;machine>\n/,
  )
  assert.match(text, /\n\| Metric \| Baseline \| Candidate \| Change \| Verdict \| Why \|\n/)
  assert.match(text, /\n- 1 unchanged\n/)
})

test('JSON is the comparison as it is', () => {
  const one = comparison('regressed', P50, SAME, LOST, TAIL)
  assert.deepEqual(JSON.parse(render('json', one)), { schemaVersion: 1, comparisons: [one] })
})
