import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { withoutIntegrity } from '../result/store.ts'
import { markdown } from './markdown.ts'
import { json, reporters } from './reporters.ts'
import { table } from './table.ts'
import { viewOf } from './view.ts'

const widest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => [...stripVTControlCharacters(line)].length))

const invalid: Run['validity'] = {
  verdict: 'invalid',
  reasons: [
    {
      code: 'slip',
      severity: 'invalid',
      message: 'sent 9 ms late at p99',
      value: 9_000,
      limit: 2_000,
    },
  ],
}

test('the list has each name and extension once, and all end in one line end', () => {
  assert.deepEqual(
    reporters.map(({ name }) => name),
    ['table', 'markdown', 'json', 'html', 'junit', 'csv', 'prometheus', 'hgrm', 'hlog'],
  )
  assert.equal(new Set(reporters.map(({ extension }) => extension)).size, reporters.length)
  for (const reporter of reporters) assert.match(reporter.render(sampleResult()), /[^\n]\n$/)
})

test('all say that generator and server share the host, and none where they do not', () => {
  const apart = sampleRun('sse', { host: { cpuUtilisation: 0.3, sharedWithServer: false } })
  for (const reporter of [table, markdown]) {
    assert.match(reporter.render(sampleResult()), /Generator and server share this host/)
    assert.doesNotMatch(reporter.render(sampleResult({ runs: [apart] })), /share this host/)
  }
  assert.match(json.render(sampleResult()), /"sharedWithServer": true/)
})

test('the table and Markdown name the engine that is not the usual one', () => {
  const result = sampleResult()
  const library = { ...result, scenario: { ...result.scenario, engine: 'library' as const } }
  for (const reporter of [table, markdown]) {
    assert.match(reporter.render(library), /library engine/)
    assert.doesNotMatch(reporter.render(result), /engine/)
  }
})

test('the table fits its width and has no escape codes without colour', () => {
  for (const width of [100, 110, 120]) {
    const text = table.render(sampleResult(), { width, color: false })
    assert.ok(widest(text) <= width, `${widest(text)} > ${width}`)
    assert.equal(stripVTControlCharacters(text), text)
  }
  assert.ok(widest(table.render(sampleResult())) <= 120)
})

test('the table keeps long causes and names whole, within its width', () => {
  const run = sampleRun('sse', {
    errors: { ERR_SSL_WRONG_VERSION_NUMBER_OF_A_VERY_LONG_CAUSE: 1 },
    validity: {
      verdict: 'suspect',
      reasons: invalid.reasons.map((reason) => ({ ...reason, severity: 'suspect' })),
    },
  })
  const runs = [sampleRun('short-poll'), sampleRun('long-poll'), run, sampleRun('websocket')]
  const { scenario } = sampleResult()
  const text = table.render(
    sampleResult({ runs, scenario: { ...scenario, name: 'n'.repeat(300) } }),
  )
  assert.ok(widest(text) <= 120)
  assert.doesNotMatch(text, /…/)
})

test('the table has the scenario, the figures, the verdict and no best without colour', () => {
  const text = table.render(sampleResult())
  for (const part of [
    'rtbench 0.1.0 · all-1000 · 1,000 clients',
    'seed 42',
    '2.97 ms',
    '86,400',
    'Use Server-Sent Events here',
  ]) {
    assert.ok(text.includes(part), part)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bold on a terminal
  assert.match(table.render(sampleResult(), { color: true }), /\u001b\[1m12\.3 ms\u001b\[22m/)
})

test('an invalid result says so above the table, and what to do', () => {
  const runs = [sampleRun('sse'), sampleRun('websocket', { validity: invalid })]
  const text = table.render(sampleResult({ runs }))
  assert.ok(text.includes('INVALID: WebSocket: sent 9 ms late at p99\n'))
  assert.ok(text.indexOf('What to do: ') < text.indexOf('───'))
  assert.match(table.render(sampleResult({ runs }), { full: true }), /INVALID: slip/)
  assert.match(text, /No recommendation: WebSocket is invalid \(slip\)/)
  assert.match(markdown.render(sampleResult({ runs })), /> \*\*INVALID: WebSocket: sent 9 ms/)
})

test('whether the runs are valid stands above their figures', () => {
  const one = sampleResult({ runs: [sampleRun('sse')] })
  const runs = [sampleRun('sse'), sampleRun('websocket', { validity: invalid })]
  for (const reporter of [table, markdown]) {
    for (const [result, line] of [
      [sampleResult(), 'Validity: all 4 runs valid'],
      [one, 'Validity: valid'],
      [sampleResult({ runs }), 'Validity: 1 of 2 runs valid'],
    ] as const) {
      const text = reporter.render(result, { full: true })
      const at = text.indexOf(`\n${line}\n`)
      assert.ok(at > 0 && at < text.indexOf('Push latency p50'), line)
    }
    assert.doesNotMatch(reporter.render(sampleResult({ runs: [] })), /(?:^|· )Validity: /m)
  }
})

test('each reason is printed by its own severity, the gravest first', () => {
  const doubt = { code: 'host-idle', message: 'busy', value: 0.9, limit: 0.8 }
  const mixed: Run['validity'] = {
    verdict: 'invalid',
    reasons: [{ ...doubt, severity: 'suspect' }, ...invalid.reasons],
  }
  const runs = [sampleRun('sse', { validity: mixed })]
  const text = table.render(sampleResult({ runs }), { full: true })
  assert.match(text, /^INVALID: Server-Sent Events: sent 9 ms late at p99$/m)
  assert.match(text, /^SUSPECT: Server-Sent Events: busy$/m)
  assert.ok(text.indexOf('INVALID: ') < text.indexOf('SUSPECT: '))
  assert.match(text, /INVALID: slip; suspect: host-idle/)
})

test('a run that is missing is named with its reason', () => {
  const missing = [
    { transport: 'sse', label: 'Server-Sent Events', repetition: 1, reason: 'no memory' },
  ]
  const text = table.render(sampleResult({ runs: [sampleRun('websocket')], missing }))
  assert.match(text, /^MISSING: Server-Sent Events: not measured: no memory$/m)
})

test('partial and interrupted runs are named', () => {
  const runs = [
    sampleRun('sse', { partial: true }),
    sampleRun('websocket', { partial: true, interrupted: true, durationMs: 3_200 }),
  ]
  const text = table.render(sampleResult({ runs }))
  assert.match(text, /PARTIAL: Server-Sent Events: a part of it was lost/)
  assert.match(text, /INTERRUPTED: WebSocket: stopped after 3\.2 s/)
  const early = sampleRun('sse', { partial: true, interrupted: true, durationMs: 0 })
  assert.match(table.render(sampleResult({ runs: [early] })), /stopped before its window began/)
})

test('repetitions are said to be medians', () => {
  const { scenario } = sampleResult()
  const runs = [sampleRun('sse'), sampleRun('sse', { repetition: 2, validity: invalid })]
  for (const reporter of [table, markdown]) {
    const result = sampleResult({ runs, scenario: { ...scenario, repeat: 2 } })
    const text = reporter.render(result, { full: true })
    assert.match(text.replace(/[│\s]+/g, ' '), /Server-Sent Events \(run 1, 1 of 2 counts\)/)
    assert.match(text, /Repetitions: each column shows the run with the median p50/)
    assert.match(text, /INVALID: Server-Sent Events, repetition 2:/)
    assert.match(text, /valid \(1 of 2 runs valid\)/)
  }
})

test('why a percentile is missing stands under the table, where there were deliveries', () => {
  const { latency } = sampleRun('sse')
  const rendered = (changes: Partial<Run['latency']>): string =>
    table.render(
      sampleResult({ runs: [sampleRun('sse', { latency: { ...latency, ...changes } })] }),
    )
  const note = /A percentile is "–" where the events were too few/
  assert.match(rendered({ count: 60, p99Us: null }), note)
  assert.doesNotMatch(rendered({ count: 0, p99Us: null }), note)
  assert.doesNotMatch(rendered({}), note)
})

test('a result without runs is rendered', () => {
  for (const reporter of [table, markdown]) {
    assert.match(reporter.render(sampleResult({ runs: [] })), /No run was completed/)
  }
})

test('text of a result moves no cursor and breaks no table', () => {
  const { scenario } = sampleResult()
  const run = sampleRun('sse', { errors: { 'a|b\u001b[2J\n<img>': 1 } })
  const result = sampleResult({ runs: [run], scenario: { ...scenario, name: 'x\u001b]0;y\u0007' } })
  const text = table.render(result)
  assert.equal(stripVTControlCharacters(text), text)
  const page = markdown.render(result)
  assert.ok(page.includes('a\\|b \\[2J &lt;img> 1'), page)
  const rows = page.split('\n').filter((line) => line.startsWith('| '))
  for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 4, row)
})

test('markdown recommends before it shows rows', () => {
  for (const result of [sampleResult(), sampleSweep()]) {
    const page = markdown.render(result)
    const [answer = ''] = viewOf(result).answer
    const at = page.indexOf(`- ${answer.slice(0, 60)}`)
    assert.ok(at > 0 && at < page.indexOf('| --- |'), answer)
  }
})

test('markdown has the environment, the command and a definition for each row', () => {
  const page = markdown.render(sampleResult())
  assert.match(page, /^# all-1000\n/)
  assert.match(page, /\| Open files per process \| 20,000 \|/)
  assert.match(page, /```sh\nrtbench run --transport short-poll,.* --seed 42\n```/)
  const labels = [...page.matchAll(/^\| ([A-Z][^|]*?) \| [^|]+ \| [^|]+ \|/gm)].map(([, l]) => l)
  assert.ok(labels.length > 20)
  for (const label of labels) assert.ok(page.includes(`- ${label}: `), label)
})

test('json is the document', () => {
  const text = json.render(sampleResult())
  assert.deepEqual(withoutIntegrity(JSON.parse(text)), sampleResult())
  assert.match(text, /^\{\n {2}"schemaVersion": 1,/)
})
