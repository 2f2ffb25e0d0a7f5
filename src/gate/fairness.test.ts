import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Judgement, Verdict } from '../result/judgement.ts'
import { fairly } from './fairness.ts'

const judgement = (verdict: Verdict, kind: Judgement['kind'] = 'noisy'): Judgement => ({
  ...{ metric: 'latency.p50Us', label: 'Push latency p50', unit: 'time', point: null },
  ...{ transport: 'sse', transportLabel: 'Server-Sent Events', isJudged: true, isPaired: true },
  ...{ baseline: 1, candidate: 1, change: 0, interval: [0, 0], detectable: 0.1, pValue: null },
  ...{ adjustedPValue: null, moreRunsTell: true, repetitions: [30, 30], reason: 'since' },
  ...{ verdict, kind },
})

const first = (count: number): ReadonlySet<number> =>
  new Set(Array.from({ length: count }, (_, i) => i + 1))

function told(
  verdict: Verdict,
  [before, after, pairs]: readonly [number, number, number],
  kind?: Judgement['kind'],
): Verdict {
  const leftOuts = {
    baseline: { name: 'main', repetitions: first(before) },
    candidate: { name: 'the working folder', repetitions: first(after) },
    pairs,
  }
  return fairly(judgement(verdict, kind), leftOuts).verdict
}

test('what is left of a side that lost far more runs tells nothing in its favour', () => {
  assert.equal(told('unchanged', [0, 8, 40]), 'inconclusive')
  assert.equal(told('improved', [2, 12, 40]), 'inconclusive')
  assert.equal(told('regressed', [0, 8, 40]), 'regressed')
  assert.equal(told('unchanged', [8, 0, 40]), 'inconclusive')
  assert.equal(told('regressed', [8, 0, 40]), 'inconclusive')
  assert.equal(told('improved', [8, 0, 40]), 'improved')
})

test('a few runs more are chance, and a few of very many matter to no median', () => {
  assert.equal(told('unchanged', [0, 7, 40]), 'unchanged')
  assert.equal(told('unchanged', [20, 20, 40]), 'unchanged')
  assert.equal(told('unchanged', [0, 12, 200]), 'unchanged')
  assert.equal(told('unchanged', [0, 40, 40], 'deterministic'), 'unchanged')
})

test('says of whom, how often and of how many', () => {
  const leftOuts = {
    baseline: { name: 'main', repetitions: first(1) },
    candidate: { name: 'the working folder', repetitions: first(14) },
    pairs: 40,
  }
  const { reason, detectable } = fairly(judgement('unchanged'), leftOuts)
  assert.match(reason, /^runs of the working folder .* far more often \(14 of 40, of main 1\), /)
  assert.equal(detectable, null)
})
