import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIGURES } from '../figures/catalogue.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { metricOf, prometheus } from './prometheus.ts'

const SAMPLE =
  /^([a-z_][a-z0-9_]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[\d.]+(?:e[+-]?\d+)?)$/

/** Samples by name and labels; refuses what a collector would. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  const declared = new Set<string>()
  let current = ''
  for (const line of text.trimEnd().split('\n')) {
    const [, kind, name = ''] = /^# (HELP|TYPE) (\S+) \S/.exec(line) ?? []
    if (kind === 'HELP') {
      assert.ok(!declared.has(name), `${name} twice`)
      declared.add(name)
      current = name
    } else if (kind === 'TYPE') {
      assert.equal(line, `# TYPE ${current} gauge`)
    } else {
      const [, metric, labels, value] = SAMPLE.exec(line) ?? assert.fail(line)
      assert.equal(metric, current)
      const key = `${metric}{${labels}}`
      assert.ok(!samples.has(key), `${key} twice`)
      samples.set(key, Number(value))
    }
  }
  return samples
}

test('figures are gauges in base units, each with its run', () => {
  const samples = parse(prometheus.render(sampleResult()))
  const labels = 'scenario="all-1000",transport="sse",repetition="1",engine="lean"'
  assert.equal(samples.get(`rtbench_latency_p99_seconds{${labels}}`), 0.0123)
  assert.equal(samples.get(`rtbench_duration_seconds{${labels}}`), 10)
  assert.equal(samples.get(`rtbench_server_cpu_seconds_per_delivery{${labels}}`), 0.0000312)
  assert.equal(samples.get(`rtbench_wire_bytes_per_delivery{${labels}}`), 172)
  assert.equal(samples.get(`rtbench_run_valid{${labels}}`), 1)
  assert.equal(samples.get(`rtbench_exchanges_empty_ratio{${labels}}`), undefined)
})

test('every figure of the document has a name of its own, of base units', () => {
  const names = FIGURES.map((figure) => metricOf(figure).name)
  assert.ok(names.length > 80)
  assert.equal(new Set(names).size, names.length)
  for (const name of names) assert.match(name, /^rtbench_[a-z0-9]+(?:_[a-z0-9]+)*$/)
  assert.equal(names.filter((name) => /_(?:us|ms)(?:_|$)/.test(name)).length, 0)
})

test('labels are escaped, and causes of errors are labels', () => {
  const { scenario } = sampleResult()
  const result = sampleResult({
    scenario: { ...scenario, name: 'a "b" \\ c\nd' },
    runs: [sampleRun('sse', { errors: { ECONNRESET: 3 } })],
  })
  const samples = parse(prometheus.render(result))
  const labels = 'scenario="a \\"b\\" \\\\ c d",transport="sse",repetition="1",engine="lean"'
  assert.equal(samples.get(`rtbench_run_errors{${labels},cause="ECONNRESET"}`), 3)
})

test('results that are alike are told apart, those that are not have the usual labels', () => {
  const twice = [sampleResult(), sampleResult()].map((result) => ({ result, name: 'same' }))
  const text = prometheus.renderAll?.(twice) ?? ''
  assert.equal(parse(text).size, 2 * parse(prometheus.render(sampleResult())).size)
  assert.match(text, /,result="same"\}/)
  assert.match(text, /,result="same 2"\}/)
  assert.doesNotMatch(prometheus.render(sampleResult()), /result="/)
})
