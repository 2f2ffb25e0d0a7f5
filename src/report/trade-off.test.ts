import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleRun } from '../result/sample.conformance.ts'
import { samplePoll, sampleSweep } from '../result/sample-sweep.conformance.ts'
import { commandOf } from './command.ts'
import { markdown } from './markdown.ts'
import { table } from './table.ts'
import { tradeOffOf } from './trade-off.ts'
import { warningsOf } from './warning.ts'

const sweep = { key: 'interval', unit: 'ms', values: [500, 1000, 2000, 5000] } as const

test('has a row for each technique and value, in the order of both', () => {
  const shuffled = [...sampleSweep().runs].reverse()
  const { head, rows } = tradeOffOf({ ...sampleSweep({ runs: shuffled }), sweep })
  assert.deepEqual(head, [
    'Technique',
    'Interval',
    'p50',
    'p99',
    'Requests per client and day',
    'Empty',
    'Bytes per second and client',
    'Server CPU per second',
    'Held',
  ])
  assert.deepEqual(
    rows.map((row) => row.slice(0, 6).join(' | ')),
    [
      'Short polling | 500 ms | 250 ms | 495 ms | 172,800 | 95.1 %',
      'Short polling | 1 s | 500 ms | 990 ms | 86,400 | 90.5 %',
      'Short polling | 2 s | 1 s | 1.98 s | 43,200 | 81.9 %',
      'Short polling | 5 s | 2.5 s | 4.95 s | 17,280 | 60.7 %',
      'Long polling | any | 3.41 ms | 14.9 ms | 8,726 | 1.0 %',
      'Server-Sent Events | any | 3.08 ms | 12.3 ms | – | –',
      'WebSocket | any | 2.97 ms | 12.9 ms | – | –',
    ],
  )
  assert.equal(rows[0]?.[6], '580 B/s')
  assert.equal(rows[0]?.[7], '210 ms/s')
})

test('has columns for losses and validity where there is something to tell', () => {
  const bad = samplePoll(500, { validity: { verdict: 'suspect', reasons: [] } })
  const lossy = sampleRun('sse', { point: null })
  const runs = [bad, { ...lossy, delivery: { ...lossy.delivery, lost: 3 } }]
  const { head, rows } = tradeOffOf({ ...sampleSweep({ runs }), sweep })
  assert.deepEqual(head.slice(-2), ['Lost', 'Validity'])
  assert.deepEqual(
    rows.map((row) => row.slice(-2)),
    [
      ['0', 'suspect'],
      ['3', 'valid'],
    ],
  )
})

test('keeps to the width of a terminal', () => {
  for (const width of [60, 80, 120, 200]) {
    const text = table.render(sampleSweep(), { width })
    for (const line of text.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`)
    assert.match(text, /172,800/)
    assert.match(text, /580 B\/s/)
  }
  assert.match(table.render(sampleSweep()), /500 ms to 5 s \(interval swept\)/)
  assert.match(table.render(sampleSweep()), /each row shows the run with the median p50/)
})

test('is in Markdown, and can be measured again by the command in it', () => {
  const text = markdown.render(sampleSweep())
  assert.match(text, /\| Short polling \| 500 ms \| 250 ms \| 495 ms \| 172,800 \|/)
  assert.match(text, /- Bytes: Server-Sent Events costs less/)
  assert.match(text, /- Bytes per second and client: /)
  const command = commandOf(sampleSweep())
  assert.match(command, / --sweep interval=500ms,1s,2s,5s --repeat 2 --seed 42$/)
  assert.doesNotMatch(command, /--interval/)
})

test('warnings name the value', () => {
  const invalid = samplePoll(2000, {
    validity: {
      verdict: 'invalid',
      reasons: [{ code: 'slip', severity: 'invalid', message: 'late', value: 1, limit: 0 }],
    },
  })
  const missing = [
    { transport: 'short-poll', label: 'Short polling', repetition: 1, point: 5000, reason: 'gone' },
  ]
  const texts = warningsOf(sampleSweep({ runs: [invalid], missing })).map(({ text }) => text)
  assert.equal(texts[0], 'INVALID: Short polling at interval=2s, repetition 1: late')
  assert.equal(
    texts.at(-1),
    'MISSING: Short polling at interval=5s, repetition 1: not measured: gone',
  )
})
