/** Whatever text a result holds, its reports are commands to nobody who reads them line by line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import {
  annotations,
  failureAnnotation,
  failureMarkdown,
  gateMarkdown,
  gateRows,
  gateTable,
} from '../gate/report.ts'
import type { Judgement, ScenarioComparison } from '../result/judgement.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { printable } from '../text.ts'
import { comparisonReporters } from './comparison-reporters.ts'
import { renderJunit } from './junit.ts'
import { renderAll } from './reporter.ts'
import { json, reporters } from './reporters.ts'
import { sampleCheck } from './sample-check.conformance.ts'
import { table } from './table.ts'

/** Text that somebody wrote who knows what reads it. */
const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...['::error::x', '::add-mask::', '##[error]', '##vso[task.complete]', '##teamcity[x]'],
          ...['::', ':', '##', '#', '[', ' ', '\t', '\r', '\n', '\r\n', '\u001b[2J', '\u0085'],
          ...['\u2028', '\u202e', '=1+1', '+1', '-1', '@SUM(A1)', '＝1', '"', "'", ',', ';', '|'],
          ...[
            '\\',
            '`',
            '<!--',
            '-->',
            '</script>',
            '%0A',
            '\ud800',
            'section_start:0:a\r\u001b[0K',
          ],
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
      // As long as a line, so that it is broken anywhere; the table takes the square of it to draw.
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 130 }).map((length) => 'x'.repeat(length)),
      },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''))

/** What GitHub's runner, Azure's agent or TeamCity acts on; a terminal, too. */
function assertInert(text: string, name: string): void {
  for (const line of text.split('\n')) {
    assert.doesNotMatch(line, /^\s*::/, `${name}: ${JSON.stringify(line)}`)
    assert.doesNotMatch(line, /##\w*\[/, `${name}: ${JSON.stringify(line)}`)
    const plain = name === 'csv' ? line.replace(/\r$/, '') : line
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(plain, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/, `${name}: ${plain}`)
  }
}

function resultOf(text: string): ReturnType<typeof sampleResult> {
  const { scenario, environment } = sampleResult()
  const reason = { code: text, severity: 'invalid', message: text, value: 1, limit: 1 } as const
  const run = sampleRun('sse', {
    errors: { [text]: 1, [`${text}\n`]: 1, other: 1 },
    validity: { verdict: 'invalid', reasons: [reason] },
    technique: { ...sampleRun('sse').technique, label: text },
  })
  return sampleResult({
    tool: { name: 'rtbench', version: text },
    environment: { ...environment, node: text, platform: text, kernel: text, cpuModel: text },
    scenario: { ...scenario, name: text, description: text },
    runs: [run, { ...sampleRun('websocket'), transport: text }],
    missing: [{ transport: text, label: text, repetition: 1, reason: text }],
  })
}

test('reports of a result are commands to nobody', () => {
  const plain = sampleResult({ runs: [sampleRun('sse')] })
  fc.assert(
    fc.property(hostile, fc.integer({ min: 40, max: 140 }), (text, width) => {
      const result = resultOf(text)
      for (const reporter of reporters) {
        assertInert(reporter.render(result, { width }), reporter.name)
        const twice = renderAll(reporter, [
          { result, name: text },
          { result: plain, name: 'b' },
        ])
        assertInert(twice, reporter.name)
      }
    }),
    { numRuns: 150 },
  )
})

test('a table is plain, and JSON is the same value', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const result = resultOf(text)
      const shown = table.render(result)
      assert.equal(stripVTControlCharacters(shown), shown)
      const { scenario } = JSON.parse(json.render(result)) as typeof result
      assert.equal(scenario.name, JSON.parse(JSON.stringify(text)))
    }),
    { numRuns: 100 },
  )
})

test('no cell of a CSV is a formula, and none breaks its line', () => {
  const csv = reporters.find(({ name }) => name === 'csv') ?? assert.fail()
  const columns = csv.render(sampleResult({ runs: [] })).split(',').length
  fc.assert(
    fc.property(hostile, (text) => {
      const [, ...lines] = csv.render(resultOf(text)).trimEnd().split('\r\n')
      assert.equal(lines.length, 2)
      for (const line of lines) {
        const cells = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)]
        assert.equal(cells.length, columns)
        for (const [, quoted, bare = ''] of cells) {
          const cell = quoted ?? bare
          if (/^-?\d[\d.e+-]*$/.test(cell)) continue
          assert.doesNotMatch(cell, /^\s*[=+\-@＝＋－＠]/)
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('comparisons are commands to nobody', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 40, max: 140 }), (text, width) => {
      const one: Judgement = {
        metric: text,
        label: text,
        unit: 'time',
        transport: text,
        transportLabel: text,
        point: null,
        verdict: 'regressed',
        kind: 'noisy',
        isJudged: true,
        isPaired: true,
        baseline: 1,
        candidate: 2,
        change: 1,
        interval: [0.9, 1.1],
        detectable: 0.1,
        pValue: null,
        adjustedPValue: null,
        moreRunsTell: false,
        repetitions: [9, 9],
        reason: text,
      }
      const comparison: ScenarioComparison = {
        scenario: text,
        judgements: [one, { ...one, isJudged: false }, { ...one, verdict: 'inconclusive' }],
        warnings: [text],
        verdict: 'inconclusive',
      }
      for (const { name, render } of comparisonReporters) {
        for (const all of [false, true]) {
          assertInert(render([comparison, comparison], { width, all }), name)
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('what a gate tells is one annotation a row, and commands to nobody else', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const check = sampleCheck({ name: text, transport: text, outcome: 'failed', message: text })
      const suite = { name: text, file: text, startedAt: '', durationMs: 1, checks: [check] }
      const rows = gateRows([suite])
      assertInert(gateTable(rows), 'table')
      assertInert(gateMarkdown(rows, [text]), 'markdown')
      assertInert(failureMarkdown(text), 'markdown')
      assertInert(renderJunit([suite]), 'junit')
      for (const line of [...annotations(rows), failureAnnotation(text)]) {
        const [, properties = '', message] = /^::error ([^:\n]*)::(.*)$/s.exec(line) ?? []
        assert.match(properties, /^(?:file=[^,]*,)?title=[^,]*$/)
        // Where it stands, what it begins with does not begin a line.
        assertInert(`::error::${message}`.slice(2), 'annotation')
        assert.equal(printable(line), line.replace(/\s+$/, ''))
      }
    }),
    { numRuns: 200 },
  )
})
