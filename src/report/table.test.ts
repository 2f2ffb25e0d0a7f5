import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { figuresWith } from '../figures/catalogue.ts'
import type { Run, RunResult } from '../result/document.ts'
import { sampleChat, sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareTransports } from './comparison.ts'
import { breakWords } from './plain-text.ts'
import { table } from './table.ts'
import { verdictOf } from './verdict.ts'

/** Less what else a run leaves on a terminal of 40: where it was saved, and the prompt. */
const ONE_SCREEN = 38

/** As a real one: all figures that are estimates are two. */
function uncertain(): RunResult {
  const widened = (run: Run): Run => {
    const { latency, server } = run
    const { p50Us, p99Us } = latency
    return {
      ...run,
      latencyLowerBound: sampleLatency((p50Us ?? 0) / 1.6, (p99Us ?? 0) / 1.7),
      server: server && { ...server, cpuUsPerDeliveryInterval: [0, 2_058] },
    }
  }
  const { runs, scenario } = sampleResult()
  return sampleResult({
    runs: runs.map(widened),
    scenario: { ...scenario, channels: 100, seed: 3_141_592_653 },
  })
}

/** The same, in which clients send. */
function spoken(): RunResult {
  const { runs, scenario } = sampleResult()
  return sampleResult({
    runs: runs.map((run) => ({ ...run, chat: sampleChat(run.transport === 'websocket' ? 0 : 1) })),
    scenario: { ...scenario, workload: 'chat', sendRate: 0.1, channels: 100, rate: 1 },
  })
}

const CHAT_ROWS = [
  ...['Acknowledged p50', 'Acknowledged p99', 'Own message p99'],
  ...['Requests up', 'Bytes up', 'Server CPU up', 'Acknowledged'],
]

const linesOf = (result: RunResult, options: { width: number; full?: boolean }): string[] =>
  table.render(result, options).trimEnd().split('\n')

const KNOWN = [
  ...['Direction', 'Latency', 'Connections held', 'Protocol'],
  ...['Browser support', 'Proxy/firewall', 'Complexity', 'Best for'],
]

describe('the first screen', () => {
  for (const [what, result] of [
    ['a result', sampleResult()],
    ['one whose figures are all two', uncertain()],
  ] as const) {
    it(`has the answer first and the table of ${what}, in 80 columns and 40 lines`, () => {
      const lines = linesOf(result, { width: 80 })
      assert.ok(lines.length <= ONE_SCREEN, lines.join('\n'))
      for (const line of lines) assert.ok(line.length <= 80, line)
      assert.match(
        lines[0] ?? '',
        /^Use (?:Server-Sent Events|Server-Sent Events or WebSocket) here: /,
      )
      assert.match(
        lines.at(-1) ?? '',
        /share this host\. All rows: --full; terms: rtbench explain\.$/,
      )
      const text = lines.join(' ').replace(/\s+/g, ' ')
      const { rows } = compareTransports(result)
      for (const { first, label } of rows) {
        if (first === null) continue
        // Whole words, however they are spread over lines.
        for (const word of [label, ...first].join(' ').split(' ')) {
          assert.ok(text.includes(word), word)
        }
      }
    })
  }

  it('has a reason once, with all of whom it is told', () => {
    const told = (message: string): Partial<Run> => ({
      validity: {
        verdict: 'suspect',
        reasons: [{ code: 'starved', severity: 'suspect', message, value: 1, limit: 0 }],
      },
    })
    const runs = [
      sampleRun('sse', told('2 ms')),
      sampleRun('websocket', told('3 ms')),
      sampleRun('long-poll'),
    ]
    const text = table.render(sampleResult({ runs }), { width: 80 })
    assert.match(text, /^SUSPECT: Server-Sent Events: 2 ms \(likewise WebSocket\)$/m)
    assert.doesNotMatch(text, /3 ms$/m)
    assert.match(
      table.render(sampleResult({ runs }), { full: true }),
      /^SUSPECT: WebSocket: 3 ms$/m,
    )
  })

  it('has the rows that are said to be there, in their order', () => {
    const sample = sampleResult()
    const { rows } = compareTransports(sample)
    const labels = shownFirst(rows)
    const figures = figuresWith('row').filter(({ row }) => row === 'first')
    const all = [...KNOWN, ...figures.map(({ label }) => label)]
    assert.deepEqual(
      labels,
      all.filter((label) => label !== 'Reach'),
    )
    const runs = sample.runs.map((run) => ({ ...run, delivery: { ...run.delivery, reach: 0.9 } }))
    assert.deepEqual(shownFirst(compareTransports({ ...sample, runs }).rows), all)
    const text = table.render(sampleResult(), { width: 120 })
    for (const { label } of rows) {
      const isThere = new RegExp(`^${label.replace(/[()/.]/g, '.')} {2}`, 'm').test(text)
      assert.equal(isThere, labels.includes(label) && label.length <= 22, label)
    }
  })
})

function shownFirst(rows: ReturnType<typeof compareTransports>['rows']): readonly string[] {
  return rows.filter(({ first }) => first !== null).map(({ label }) => label)
}

describe('a narrow terminal', () => {
  for (const width of [40, 60, 71]) {
    it(`of ${width} columns has a block for each technique`, () => {
      const lines = linesOf(sampleResult(), { width })
      for (const line of lines) assert.ok(line.length <= width, line)
      for (const head of ['Short polling', 'Long polling', 'Server-Sent Events', 'WebSocket']) {
        assert.match(lines.join('\n'), new RegExp(`^ {16,}${head}\n─+\nDirection  `, 'm'))
      }
    })
  }

  it('has words that are longer than it', () => {
    const [run] = sampleResult().runs
    assert.ok(run)
    const label = 'x'.repeat(90)
    const runs = [{ ...run, technique: { ...run.technique, label } }]
    const text = table.render(sampleResult({ runs }), { width: 40 })
    for (const line of text.split('\n')) assert.ok(line.length <= 40, line)
    assert.ok(text.includes(breakWords('x'.repeat(22), 22)))
  })
})

describe('all rows', () => {
  it('are there where they are asked for, the head above each chapter', () => {
    const lines = linesOf(uncertain(), { width: 120, full: true })
    for (const { label } of compareTransports(uncertain()).rows) {
      const start = label.split(' ').slice(0, 2).join(' ')
      assert.ok(
        lines.some((line) => line.startsWith(start)),
        label,
      )
    }
    const heads = lines.filter((line) => / Short polling +Long polling/.test(line))
    assert.deepEqual(
      heads.map((line) => line.split(/ {2,}/)[0]),
      ['The technique', 'Push latency', 'Traffic', 'Processor and memory', 'Connections and'],
    )
    for (const line of lines) assert.ok(line.length <= 120, line)
  })

  it('are there for each technique where they do not fit beside each other', () => {
    const lines = linesOf(sampleResult(), { width: 60, full: true })
    for (const line of lines) assert.ok(line.length <= 60, line)
    assert.equal(lines.filter((line) => /^Traffic +\S/.test(line)).length, 4)
  })
})

describe('a chat', () => {
  it('has what messages take on the first screen, a line each, and no other result has', () => {
    const lines = linesOf(spoken(), { width: 80 })
    for (const line of lines) assert.ok(line.length <= 80, line)
    const usual = linesOf(sampleResult(), { width: 80 })
    const isRow = (lines: readonly string[], label: string): boolean =>
      lines.some((line) => line.startsWith(`${label}  `))
    for (const label of CHAT_ROWS) {
      assert.ok(isRow(lines, label), `${label}\n${lines.join('\n')}`)
      assert.ok(!isRow(usual, label), label)
    }
    assert.ok(lines.length <= usual.length + CHAT_ROWS.length + 1, lines.join('\n'))
    assert.match(lines.join(' '), /100 rooms of 10, each client sends 0\.1\s+messages\/s/)
  })

  it('takes the technique that sends without requests where all are as fast, and tells what the others take', () => {
    const [use = '', costs = ''] = verdictOf(spoken())
    const pushed = spoken().runs.filter(({ transport }) => /sse|websocket/.test(transport))
    const even = pushed.map((run) => ({ ...run, latency: sampleLatency(900, 2_000) }))
    const [choice = ''] = verdictOf({ ...spoken(), runs: even })
    assert.match(
      choice,
      /^Use WebSocket here: .*by opinion the one on whose connection clients send/,
    )
    assert.doesNotMatch(use, /when clients must send too/)
    assert.match(
      costs,
      /a message up takes .*Server-Sent Events 1 request and 318 B.* WebSocket no request and 204 B/,
    )
  })
})
