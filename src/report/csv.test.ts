import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { csv } from './csv.ts'

/** By RFC 4180: fields in quotes may hold anything, a quote twice. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, bare = '', end = ''] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g,
  )) {
    if (quoted === undefined && bare === '' && end === '') break
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare)
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

const cellsOf = (text: string): Map<string, string>[] => {
  const [head = [], ...rows] = parse(text)
  return rows.map((row) => {
    assert.equal(row.length, head.length)
    return new Map(head.map((name, i) => [name, row[i] ?? '']))
  })
}

test("no two columns have one name, and the seed is the run's own", () => {
  const runs = [sampleRun('sse', { seed: 7 }), sampleRun('websocket')]
  const text = csv.render(sampleResult({ runs }))
  const [head = []] = parse(text)
  assert.equal(new Set(head).size, head.length)
  assert.deepEqual(
    cellsOf(text).map((row) => row.get('seed')),
    ['7', '42'],
  )
})

test('one line a run, its figures by their places in the document', () => {
  const result = sampleResult()
  const rows = cellsOf(csv.render(result))
  assert.deepEqual(
    rows.map((row) => row.get('transport')),
    ['short-poll', 'long-poll', 'sse', 'websocket'],
  )
  for (const [i, row] of rows.entries()) {
    const run = result.runs[i]
    assert.equal(row.get('latency.p99Us'), String(run?.latency.p99Us))
    assert.equal(row.get('exchanges.emptyRatio'), String(run?.exchanges.emptyRatio ?? ''))
    assert.equal(row.get('server.cpuUsPerDelivery'), String(run?.server?.cpuUsPerDelivery))
    assert.equal(row.get('spent.slipUs'), String(run?.spent?.slipUs))
    assert.equal(row.get('partial'), 'false')
  }
})

test('the head is the same whatever was measured', () => {
  const head = (text: string): string => text.slice(0, text.indexOf('\r\n'))
  const bare = sampleRun('sse', { server: null, serviceLatency: null, spent: null })
  const one = csv.render(sampleResult({ runs: [bare] }))
  assert.equal(head(one), head(csv.render(sampleResult())))
  assert.equal(head(csv.render(sampleResult({ runs: [] }))), head(one))
  assert.equal(cellsOf(one)[0]?.get('server.rssBytes'), '')
})

test('text is quoted, and no formula for a spreadsheet', () => {
  for (const [name, shown] of [
    ['a, "b"\r\nc', 'a, "b" c'],
    ['=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'=1"],
    ['＝1', "'＝1"],
  ] as const) {
    const { scenario } = sampleResult()
    const result = sampleResult({ scenario: { ...scenario, name }, runs: [sampleRun('sse')] })
    assert.equal(cellsOf(csv.render(result))[0]?.get('scenario'), shown)
  }
})

test('several results have one head', () => {
  const results = ['a', 'b'].map((name) => ({ name, result: sampleResult() }))
  const rows = cellsOf(csv.renderAll?.(results) ?? '')
  assert.deepEqual(
    rows.map((row) => row.get('result')),
    ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'],
  )
})
