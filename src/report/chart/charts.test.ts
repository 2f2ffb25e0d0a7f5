import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../result/document.ts'
import { sampleSweep } from '../../result/sample-sweep.conformance.ts'
import { strokesOf } from '../html/client/plot.ts'
import { drawnRun, histogramOf } from '../html/page-sample.conformance.ts'
import { lineChartSvg } from './line-chart-svg.ts'
import { percentileChart, timelineCharts } from './run-charts.ts'
import { sweepCharts } from './sweep-charts.ts'

const DRAWING = { id: 'x', width: 400, height: 200 }

const line = (name: 'sse' | 'short-poll', seconds = 10) => {
  const run = drawnRun(name, seconds)
  return { label: run.technique.label, hue: 0, run, runs: [run] }
}

test('percentile curves of all transports share one axis, logarithmic where they are far apart', () => {
  const chart = percentileChart([line('short-poll'), line('sse')], 'x')
  assert.equal(chart?.y.scale, 'log')
  assert.equal(chart?.series.length, 2)
  for (const { ys } of chart?.series ?? []) assert.equal(ys.length, chart?.xs.length)
  const at90 = chart?.xs.indexOf(1) ?? -1
  // Latencies rise evenly to 6,160 µs.
  assert.ok(Math.abs((chart?.series[1]?.ys[at90] ?? 0) - 5_544) < 6)
})

test('what has no samples, or samples that cannot be read, has no curve', () => {
  const empty = { ...line('sse'), runs: [] }
  const odd = drawnRun('sse')
  const foreign = {
    ...line('sse'),
    runs: [{ ...odd, latency: { ...odd.latency, histogram: 'AAAA' } }],
  }
  assert.equal(percentileChart([empty, foreign], 'x'), null)
  assert.equal(percentileChart([empty, foreign, line('sse')], 'x')?.series.length, 1)
})

test('a timeline has the figures of each second', () => {
  const { charts, secondsPerPoint } = timelineCharts([line('sse')], 240)
  const subject = line('sse').run.timeline
  assert.equal(secondsPerPoint, 1)
  const byTitle = new Map(charts.map((chart) => [chart.title, chart.series[0]?.ys]))
  assert.deepEqual(
    byTitle.get('Deliveries per second'),
    subject.map(({ deliveries }) => deliveries),
  )
  assert.deepEqual(
    byTitle.get('Push latency p99'),
    subject.map(({ p99Us }) => p99Us),
  )
  assert.deepEqual(
    byTitle.get('Connections held'),
    subject.map(({ held }) => held),
  )
  assert.equal(charts.length, 6)
})

test('a long timeline has fewer points: means of rates, the greatest of latencies', () => {
  const { charts, secondsPerPoint } = timelineCharts([line('sse', 100)], 50)
  assert.equal(secondsPerPoint, 2)
  const [deliveries, p50] = charts.map(({ series }) => series[0]?.ys)
  const [first, second] = line('sse', 100).run.timeline
  assert.equal(deliveries?.length, 50)
  assert.equal(deliveries?.[0], ((first?.deliveries ?? 0) + (second?.deliveries ?? 0)) / 2)
  assert.equal(p50?.[0], second?.p50Us)
})

test('a figure that nobody has makes no chart, and a second without it is a gap', () => {
  const run = drawnRun('sse')
  const timeline = run.timeline.map((entry, i) => ({
    ...entry,
    held: null,
    p99Us: i === 3 ? 5 : null,
  }))
  const { charts } = timelineCharts([{ label: 'a', hue: 0, run: { ...run, timeline } }], 240)
  assert.equal(
    charts.some(({ title }) => title === 'Connections held'),
    false,
  )
  const p99 = charts.find(({ title }) => title === 'Push latency p99')
  assert.deepEqual(p99?.series[0]?.ys.slice(2, 5), [null, 5, null])
})

test('a sweep is drawn over its values; what it does not concern is a level line', () => {
  const sweep = sampleSweep()
  assert.ok(sweep.sweep !== undefined)
  const charts = sweepCharts({ ...sweep, sweep: sweep.sweep }, new Map())
  const p50 = charts.find(({ title }) => title === 'Push latency p50')
  assert.deepEqual(p50?.xs, [500, 1_000, 2_000, 5_000])
  assert.equal(p50?.x.scale, 'log')
  const [poll, , sse] = p50?.series ?? []
  assert.deepEqual(poll?.ys, [250_000, 500_000, 1_000_000, 2_500_000])
  assert.equal(new Set(sse?.ys).size, 1)
  assert.equal(sse?.ys.length, 4)
})

test('costs that cross are marked where they do', () => {
  const base = sampleSweep()
  const server = drawnRun('sse').server
  assert.ok(server !== null)
  const at = (transport: 'sse' | 'short-poll', point: number, cpuUtilisation: number) =>
    drawnRun(transport, 1, { point, server: { ...server, cpuUtilisation } })
  // Told costs as much as there is to tell, asking the same at any rate: equal at 1 event a second.
  const runs = [0.1, 10].flatMap((rate) => [
    at('short-poll', rate, 0.1),
    at('sse', rate, rate / 10),
  ])
  const sweep = { key: 'rate', unit: 'events/s', values: [0.1, 10] } as const
  const charts = sweepCharts({ ...base, runs, sweep }, new Map())
  const [marker] = charts.find(({ title }) => title === 'Server CPU per second')?.markers ?? []
  assert.ok(Math.abs((marker?.x ?? 0) - 1) < 1e-9)
  assert.equal(marker?.label, 'equal at 1/s')
  // On these axes lines cross where the interpolation does.
  const cpu = charts.find(({ title }) => title === 'Server CPU per second')
  assert.deepEqual([cpu?.x.scale, cpu?.y.scale], ['log', 'log'])
})

test('a picture is well-formed, says what it shows, and has one line a series', () => {
  const chart = percentileChart([{ ...line('sse'), label: 'a <b> & "c"' }], 'Title')
  assert.ok(chart !== null)
  const { text } = lineChartSvg(chart, { id: 'x', width: 400, height: 200, legend: true })
  assert.match(text, /<title id="x-t">Title<\/title><desc id="x-d">Push latency over percentile/)
  assert.match(text, /a &lt;b&gt; &amp; &quot;c&quot;: \d/)
  assert.doesNotMatch(text, /NaN|Infinity|undefined|null/)
  // A sound part and a faint one, and the piece in the legend.
  assert.equal(text.match(/class="line/g)?.length, 3)
  const opened = text.match(/<[a-z]+(?=[ >])/g)?.length
  assert.equal(opened, (text.match(/<\/[a-z]+>/g)?.length ?? 0) + (text.match(/\/>/g)?.length ?? 0))
})

test('a single figure is a dot', () => {
  const run = {
    ...drawnRun('sse'),
    latency: { ...drawnRun('sse').latency, histogram: histogramOf([7]) },
  }
  const chart = percentileChart([{ label: 'a', hue: 2, runs: [run] }], 'one')
  assert.ok(chart !== null)
  const { text } = lineChartSvg(chart, DRAWING)
  assert.match(text, /<circle class="dot h2"/)
  assert.doesNotMatch(text, /NaN/)
})

test('a window of three seconds begins at 0 s and ends at 3 s', () => {
  const [chart] = timelineCharts([line('sse', 3)], 240).charts
  assert.deepEqual([chart?.x.from, chart?.xs], [0, [1, 2, 3]])
  assert.deepEqual(timelineCharts([line('sse', 5)], 3).charts[0]?.xs, [2, 4, 5])
})

test('an axis says that it is logarithmic, whatever it counts', () => {
  const axis = { label: 'x', quantity: 'bytes' } as const
  const chart = (scale: 'linear' | 'log') =>
    lineChartSvg(
      {
        title: 'Bytes',
        x: { ...axis, scale },
        y: { ...axis, scale },
        xs: [1, 100],
        series: [{ label: 'a', hue: 0, ys: [1, 4_096] }],
      },
      DRAWING,
    ).text
  assert.match(chart('log'), />x \(logarithmic\)<.*>logarithmic</)
  assert.doesNotMatch(chart('linear'), /logarithmic/)
})

const invalid = {
  verdict: 'invalid',
  reasons: [{ code: 'slip', severity: 'invalid', message: 'late', value: 9, limit: 2 }],
} as const

test('a percentile curve adds up the runs that count; where none does, it is marked', () => {
  const latencyOf = (us: number) => ({ ...drawnRun('sse').latency, histogram: histogramOf([us]) })
  const valid = { ...drawnRun('sse'), latency: latencyOf(7) }
  const late = { ...drawnRun('sse'), latency: latencyOf(900), validity: invalid }
  const chart = (runs: readonly Run[]) => percentileChart([{ label: 'a', hue: 0, runs }], 'x')
  const [mixed] = chart([late, valid])?.series ?? []
  assert.deepEqual([mixed?.mark, mixed?.ys], [undefined, [7]])
  const [alone] = chart([late])?.series ?? []
  assert.deepEqual([alone?.mark, alone?.ys], ['invalid', [900]])
  const { charts } = timelineCharts([{ label: 'a', hue: 0, run: late }], 240)
  assert.equal(charts[0]?.series[0]?.mark, 'invalid')
})

test('what is left out of a sweep is a hollow dot, and no line leads to it', () => {
  const base = sampleSweep()
  assert.ok(base.sweep !== undefined)
  const runs = base.runs.map((run) =>
    run.transport === 'sse' || run.point === 2_000 ? { ...run, validity: invalid } : run,
  )
  const [chart] = sweepCharts({ ...base, runs, sweep: base.sweep }, new Map())
  assert.ok(chart !== undefined)
  const [poll, , sse] = chart.series
  assert.deepEqual([poll?.mark, poll?.leftOut], [undefined, [null, null, 'invalid', null]])
  assert.equal(sse?.mark, 'invalid')
  const { text } = lineChartSvg({ ...chart, series: chart.series.slice(0, 1) }, DRAWING)
  assert.equal(text.match(/class="dot hollow/g)?.length, 1)
  // From the first to the second, and none to the last.
  assert.match(text, /class="line h0" d="M[\d. ]+L[\d. ]+M[\d. ]+"/)
  assert.match(text, /, some invalid/)
  const strokes = strokesOf(chart, false).slice(0, 2)
  assert.deepEqual(
    strokes.map(({ drawn, ys }) => [drawn, ys.map((y) => y !== null)]),
    [
      ['broken', [true, true, false, true]],
      ['hollow', [false, false, true, false]],
    ],
  )
})

test('a percentile curve shades what may be the instrument’s own, however little is left', () => {
  const run = drawnRun('sse')
  const bounded = {
    ...run,
    latency: { ...run.latency, histogram: histogramOf([1_000, 2_000, 4_000]) },
    latencyLowerBound: { ...run.latency, histogram: histogramOf([0, 1_500, 3_000]) },
  }
  const chart = percentileChart([{ label: 'a', hue: 2, runs: [bounded] }], 'x')
  const [series] = chart?.series ?? []
  assert.ok(chart !== null && series?.lows !== undefined)
  assert.equal(series.lows[0], 100)
  // Of three digits.
  assert.ok(Math.abs((series.lows.at(-1) ?? 0) - 3_000) < 5)
  const { text } = lineChartSvg(chart, DRAWING)
  assert.match(text, /<path class="band h2" d="M[\d. L]+Z"\/>/)
  assert.doesNotMatch(text, /NaN/)
  // Of repetitions of which one does not tell, nobody knows.
  const mixed = percentileChart([{ label: 'a', hue: 2, runs: [bounded, run] }], 'x')
  assert.equal(mixed?.series[0]?.lows, undefined)
})
