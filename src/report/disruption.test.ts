import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { timelineCharts } from './chart/run-charts.ts'
import { disruptionNotes } from './disruption.ts'
import { table } from './table.ts'
import { cutOf } from './warning.ts'

const cut: NonNullable<Run['disruptions']>[number] = {
  ...{ what: 'cut=30%@2s', kind: 'cut', fromMs: 2_000, toMs: null, instance: null, hit: 18 },
  causes: { ECONNRESET: 17, closed: 1 },
  noticed: { count: 18, p50Us: 2_000, p99Us: null, maxUs: 3_000 },
  back: { count: 18, p50Us: 70_000, p99Us: null, maxUs: 104_000 },
  ...{ attempts: 20, problem: null },
}

const killed: typeof cut = {
  ...cut,
  ...{ what: 'kill-instance@3s', kind: 'kill-instance', fromMs: 3_000, toMs: 4_500 },
  ...{ instance: 1, hit: 20, causes: { closed: 20 } },
  back: { count: 0, p50Us: null, p99Us: null, maxUs: null },
}

function disrupted(...disruptions: readonly (typeof cut)[]): Run {
  const run = sampleRun('sse')
  return { ...run, disruptions, delivery: { ...run.delivery, lost: 3, gapped: 1_200 } }
}

test('a line says what was done, who lost a connection, and when they were back', () => {
  const result = sampleResult({ runs: [disrupted(cut, killed)] })
  assert.deepEqual(disruptionNotes(result), [
    `Disrupted, ${result.runs[0]?.transport} #1: cut=30%@2s: 18 connections cut at 2 s; 18 connections lost (17 ECONNRESET, 1 closed), noticed in 2 ms (the last in 3 ms); 18 back in 70 ms (the last in 104 ms) by 20 connects. kill-instance@3s: instance 2 killed with 20 clients at 3 s, for 1.5 s; 18 connections lost (20 closed), noticed in 2 ms (the last in 3 ms); none came back. In the end 3 lost, 1,200 in gaps that the server declared.`,
  ])
  assert.match(table.render(result).replace(/\s+/g, ' '), /Disrupted, \S+ #1: cut=30%@2s/)
})

test('what is partial by a disruption says so, and not that a process was lost', () => {
  const reason = { code: 'disrupted-lost', severity: 'suspect', message: '3 are lost' } as const
  const validity: Run['validity'] = {
    verdict: 'suspect',
    reasons: [{ ...reason, value: 3, limit: 0 }],
  }
  const { text = '' } = cutOf({ ...disrupted(cut), partial: true, validity }) ?? {}
  assert.match(text, /^what was done to it cost deliveries for good/)
})

test('a run without any says nothing', () => {
  assert.deepEqual(disruptionNotes(sampleResult()), [])
})

test('what was not made says why, and what met nobody says so', () => {
  const nobody = { ...cut.noticed, count: 0 }
  const lines = disruptionNotes(
    sampleResult({
      runs: [
        disrupted(
          { ...cut, problem: 'nothing is there' },
          { ...cut, causes: {}, noticed: nobody, back: nobody },
        ),
      ],
    }),
  ).join()
  assert.match(lines, /cut=30%@2s: not made, nothing is there\. /)
  assert.match(lines, /18 connections cut at 2 s; no client lost a connection\. /)
})

test('each chart over time has a mark where a disruption began', () => {
  const run = disrupted(cut, killed)
  const { charts } = timelineCharts([{ label: 'SSE', hue: 0, run }], 100)
  assert.ok(charts.length > 0)
  for (const { markers } of charts) {
    assert.deepEqual(markers, [
      { x: 2, label: 'cut=30%@2s' },
      { x: 3, label: 'kill-instance@3s' },
    ])
  }
})
