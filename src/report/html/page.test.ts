import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Result } from '../../result/document.ts'
import { sampleResult } from '../../result/sample.conformance.ts'
import { sampleSweep } from '../../result/sample-sweep.conformance.ts'
import { compareTransports } from '../comparison.ts'
import { markup } from '../markup.ts'
import { html, page } from './page.ts'
import { drawnResult, drawnRun } from './page-sample.conformance.ts'
import { prose } from './parts.ts'

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'

function hostile(): Result {
  const run = drawnRun('sse', 3, {
    transport: HOSTILE,
    errors: { [HOSTILE]: 2 },
    validity: {
      verdict: 'suspect',
      reasons: [{ code: HOSTILE, severity: 'suspect', message: HOSTILE, value: 1, limit: 2 }],
    },
  })
  const technique = { ...run.technique, label: HOSTILE }
  const { scenario, environment } = sampleResult()
  return sampleResult({
    scenario: { ...scenario, name: HOSTILE, description: HOSTILE, thresholds: [HOSTILE] },
    environment: { ...environment, cpuModel: HOSTILE, commit: HOSTILE },
    runs: [{ ...run, technique }],
    missing: [{ transport: 'x', label: HOSTILE, repetition: 1, reason: HOSTILE }],
  })
}

test('nothing of a result becomes markup, and nothing of it ends a script', () => {
  const own = page([{ result: drawnResult(), name: null }])
  for (const text of [
    page([{ result: hostile(), name: HOSTILE }]),
    page([hostile(), hostile()].map((result) => ({ result, name: HOSTILE }))),
  ]) {
    assert.doesNotMatch(text, /<img/)
    assert.doesNotMatch(text, /<script>alert/)
    const executable = (page: string): number => page.match(/<script>/g)?.length ?? 0
    assert.equal(executable(text), executable(own))
    const opened = text.match(/<script/g)?.length
    assert.equal(text.match(/<\/script>/g)?.length, opened)
  }
})

test('the policy lets run what is in the page, and nothing else', () => {
  const text = html.render(drawnResult())
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(text)?.[1] ?? ''
  assert.match(policy, /^default-src &#39;none&#39;|^default-src 'none'/)
  for (const [element, pattern] of [
    ['script', /<script>([\s\S]*?)<\/script>/],
    ['style', /<style>([\s\S]*?)<\/style>/],
  ] as const) {
    const content = pattern.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(content).digest('base64')
    assert.ok(policy.includes(`${element}-src `) && policy.includes(`sha256-${hash}`), element)
  }
  assert.doesNotMatch(text, / style="/)
  assert.doesNotMatch(text, / on[a-z]+="/)
  assert.doesNotMatch(text, /(?:src|href)="(?!#)/)
})

test('each row of the comparison is there with its definition, and begins its chapter', () => {
  const result = drawnResult()
  const text = html.render(result)
  const { rows } = compareTransports(result)
  for (const { label, definition } of rows) {
    const shown = `${markup`${prose(definition)}`}`
    assert.doesNotMatch(shown, /`/)
    assert.ok(text.includes(`>${label}</button><span role="tooltip"`), label)
    assert.equal(text.split(shown).length, 3, `${label}: by its row, and in the list`)
  }
  const chapters = new Set(rows.map(({ chapter }) => chapter))
  assert.equal(chapters.size, 5)
  for (const chapter of chapters) {
    assert.equal(text.split(`<span>${markup`${chapter}`}</span></th></tr>`).length, 2, chapter)
  }
})

test('what may not be called the best has no headline, and its bar is faint', () => {
  const validity = { verdict: 'invalid' as const, reasons: [] }
  const runs = [drawnRun('sse'), drawnRun('websocket', 10, { validity })]
  const text = html.render(sampleResult({ runs }))
  assert.doesNotMatch(text, /class="tiles"/)
  assert.match(text, /class="block h\d faint"/)
  assert.match(text, /WebSocket \(invalid\)/)
})

test('each threshold says of each technique whether it is kept', () => {
  const { scenario } = sampleResult()
  const result = drawnResult({ scenario: { ...scenario, thresholds: ['p99<20ms', 'p50<1s'] } })
  const text = html.render(result)
  const section = /id="r1-thresholds"[\s\S]*?<\/section>/.exec(text)?.[0] ?? ''
  assert.match(section, /7 of 8 are kept/)
  assert.match(section, /<th scope="col">p99&lt;20ms<\/th><th scope="col">p50&lt;1s<\/th>/)
  assert.match(section, /Short polling<\/th><td class="invalid">.+missed: 995\.94.ms</)
  assert.match(section, /WebSocket<\/th><td class="valid">.+kept: 5\.881.ms</)
  assert.doesNotMatch(html.render(drawnResult()), /id="r1-thresholds"/)
})

test('columns of a sweep stand in the order of its values', () => {
  const sweep = sampleSweep()
  const text = html.render({ ...sweep, runs: sweep.runs.toReversed() })
  const table = /<table class="comparison">[\s\S]*?<\/thead>/.exec(text)?.[0] ?? ''
  assert.deepEqual(
    [...table.matchAll(/interval=(\w+)/g)].map(([, value]) => value),
    ['500ms', '1s', '2s', '5s'],
  )
})

test('results of one scenario have a trend, in the order of their time', () => {
  const later = drawnResult()
  const environment = { ...later.environment, startedAt: '2026-11-25T10:49:36.000Z' }
  const other = drawnResult({ scenario: { ...later.scenario, clients: 7 } })
  const trendsOf = (...results: Result[]): string[] =>
    page(results.map((result, i) => ({ result, name: `${i}` }))).match(/id="trend-\d"/g) ?? []
  assert.deepEqual(trendsOf({ ...later, environment }, drawnResult()), ['id="trend-1"'])
  assert.deepEqual(trendsOf(later, later), [])
  assert.deepEqual(trendsOf({ ...later, environment }, other), [])
  const text = page([{ ...later, environment }, later].map((result) => ({ result, name: null })))
  assert.match(text, />Trend of 2 results of one scenario</)
  assert.match(text, /"xs":\[1795344576,1795603776\]/)
})

test('ids are unlike each other, and whatever is named is there', () => {
  const several = [drawnResult(), drawnResult(), sampleSweep()]
  const text = page(several.map((result) => ({ result, name: 'same' })))
  const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length)
  const named = [...text.matchAll(/ (?:aria-labelledby|aria-describedby|href)="#?([^"]*)"/g)]
  for (const [, list = ''] of named) {
    for (const id of list.split(' ')) assert.ok(ids.includes(id), id)
  }
})

test('headings go down by one', () => {
  const text = page([drawnResult(), drawnResult()].map((result) => ({ result, name: null })))
  let level = 0
  for (const [, found] of text.matchAll(/<h([1-6])/g)) {
    assert.ok(Number(found) <= level + 1, `h${found} below h${level}`)
    level = Number(found)
  }
})

test('results of one name are told apart', () => {
  const later = drawnResult()
  const environment = { ...later.environment, startedAt: '2026-11-23T10:49:36.000Z' }
  const names = (text: string): string[] =>
    [...text.matchAll(/<h2 id="r\d+-h">([^<]*)</g)].map(([, name = '']) => name)
  const of = (...parts: [Result, string | null][]): string[] =>
    names(page(parts.map(([result, name]) => ({ result, name }))))
  assert.deepEqual(of([later, 'a']), ['all-1000'])
  assert.deepEqual(of([later, 'a'], [later, 'b']), ['a', 'b'])
  assert.deepEqual(of([later, 'a'], [{ ...later, environment }, 'a']), [
    'all-1000, 2026-11-22T10:49:36.000Z',
    'all-1000, 2026-11-23T10:49:36.000Z',
  ])
  assert.deepEqual(of([later, 'a'], [later, 'a']), ['all-1000 (1)', 'all-1000 (2)'])
})

test('ten results of ten minutes are less than a mebibyte', () => {
  const results = Array.from({ length: 10 }, (_, i) => ({
    result: drawnResult({}, 600),
    name: `result-${i}`,
  }))
  const bytes = Buffer.byteLength(page(results))
  assert.ok(bytes < 2 ** 20, `${bytes} bytes`)
})

test('what has nothing to draw is a page all the same', () => {
  for (const result of [sampleResult({ runs: [] }), sampleResult()]) {
    const text = html.render(result)
    assert.doesNotMatch(text, />(?:undefined|null|NaN)</)
    assert.match(text, /rtbench run <span class="flag">--transport</)
  }
  assert.match(html.render(sampleResult({ runs: [] })), /No run was completed/)
})

test('what a check found and its limit have their units', () => {
  const reasonOf = (code: string, value: number, limit: number) => ({
    ...{ code, value, limit, severity: 'suspect' as const, message: 'x' },
  })
  const reasons = [reasonOf('slip', 3_371, 2_000), reasonOf('host-idle', 0.808, 0.8)]
  const validity = { verdict: 'suspect' as const, reasons }
  const other = { verdict: 'suspect' as const, reasons: [reasonOf('constructor', 5_000, 0)] }
  const runs = [drawnRun('sse', 3, { validity }), drawnRun('websocket', 3, { validity: other })]
  const text = html.render(sampleResult({ runs }))
  for (const [found, limit] of [
    ['3.37 ms', '2 ms'],
    ['80.8 %', '80.0 %'],
    ['5,000', '0'],
  ]) {
    assert.ok(text.includes(`<td class="n">${found}</td><td class="n">${limit}</td>`), found)
  }
})

test('many warnings leave the table on the first screen, and are all there', () => {
  const reason = { code: 'slip', severity: 'suspect', value: 1, limit: 2 } as const
  const warned = (count: number): Result => {
    const reasons = Array.from({ length: count }, (_, i) => ({
      ...reason,
      message: `reason ${i}.`,
    }))
    return sampleResult({
      runs: [drawnRun('sse', 3, { validity: { verdict: 'suspect', reasons } })],
    })
  }
  const few = page([{ result: warned(5), name: null }])
  assert.doesNotMatch(few, /<details class="more">/)
  const many = page([{ result: warned(20), name: null }])
  assert.match(many, /<summary>17 more<\/summary><\/details><ul class="warnings">/)
  for (let i = 0; i < 20; i++) assert.ok(many.split(`reason ${i}.`).length > 2, `reason ${i}`)
})
