import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { HistogramLogReader, listTags } from 'hdr-histogram-js'
import { RtbenchError } from '../error.ts'
import { LatencyHistogram, prepareHistograms } from '../measure/histogram.ts'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { hgrm, hlog } from './histogram-exports.ts'

before(prepareHistograms)

function runOf(transport: 'sse' | 'websocket', repetition: number, from: number): Run {
  const histogram = new LatencyHistogram()
  for (let us = from; us < from + 1_000; us++) histogram.record(us)
  return sampleRun(transport, {
    repetition,
    startedAt: `2026-11-22T10:49:${30 + repetition}.500Z`,
    latency: histogram.summary(),
  })
}

const result = (): Result =>
  sampleResult({
    runs: [runOf('sse', 1, 1_000), runOf('websocket', 1, 500), runOf('sse', 2, 2_000)],
  })

test('the log is read back: an interval a run, repetitions with one tag', () => {
  const text = hlog.render(result())
  assert.deepEqual(listTags(text).sort(), ['sse', 'websocket'])
  const reader = new HistogramLogReader(text)
  const read = []
  for (
    let next = reader.nextIntervalHistogram();
    next !== null;
    next = reader.nextIntervalHistogram()
  ) {
    read.push([
      next.tag,
      next.totalCount,
      next.maxValue,
      next.endTimeStampMsec - next.startTimeStampMsec,
    ])
  }
  assert.deepEqual(read, [
    ['sse', 1_000, 1_999, 10_000],
    ['websocket', 1_000, 1_499, 10_000],
    ['sse', 1_000, 2_999, 10_000],
  ])
  assert.equal(reader.startTimeSec, Date.parse('2026-11-22T10:49:31.500Z') / 1000)
})

test('what is no histogram is told in a line, not exported', () => {
  const run = runOf('sse', 2, 1_000)
  const damaged = sampleResult({
    runs: [{ ...run, latency: { ...run.latency, histogram: 'AAAA' } }],
  })
  for (const render of [hgrm.render, hlog.render]) {
    assert.throws(
      () => render(damaged),
      (error: unknown) =>
        error instanceof RtbenchError &&
        error.code === 'bad-result' &&
        /^sse #2: latency\.histogram is damaged/.test(error.message),
    )
  }
})

test('a tag has no comma and no space, whatever a document calls its transport', () => {
  const run = { ...runOf('sse', 1, 1_000), transport: 'a, b\nTag=c' }
  const text = hlog.render(sampleResult({ runs: [run] }))
  assert.deepEqual(listTags(text), ['a-b-Tag-c'])
})

test('the percentile distribution is in milliseconds, one text a run', () => {
  const parts = hgrm.renderRuns?.(result()) ?? []
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['sse-1', 'websocket-1', 'sse-2'],
  )
  const [first = ''] = parts.map(({ text }) => text)
  assert.match(first, /^ +Value +Percentile TotalCount 1\/\(1-Percentile\)\n\n/)
  const rows = first.split('\n').flatMap((line) => {
    const [value, percentile, count] = line.trim().split(/ +/).map(Number)
    return value === undefined || Number.isNaN(value) || percentile === undefined
      ? []
      : [{ value, percentile, count }]
  })
  const median = rows.find(({ percentile }) => percentile === 0.5)
  assert.ok(Math.abs((median?.value ?? 0) - 1.5) < 0.002)
  assert.deepEqual(rows.at(-1)?.count, 1_000)
  assert.match(first, /#\[Max += {2,}1\.999, Total count += {2,}1000\]/)
  assert.equal(hgrm.render(sampleResult({ runs: [runOf('sse', 1, 1_000)] })), first)
})
