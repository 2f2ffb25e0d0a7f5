import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { type Progress, renderProgress } from './progress.ts'
import { ProgressWriter } from './progress-writer.ts'

const steady: Progress = {
  transport: 'sse',
  label: 'Server-Sent Events',
  repetition: 1,
  phase: 'steady',
  phaseElapsedMs: 4_300,
  phaseTotalMs: 10_000,
  connected: 10_000,
  clients: 10_000,
  held: 10_000,
  deliveriesPerSecond: 498,
  p50Us: 2_100,
  p99Us: null,
  timeLeftMs: 5_700,
  runIndex: 0,
  runCount: 1,
}

const recorder = (isTTY: boolean): { stream: PassThrough; text: () => string } => {
  const stream = Object.assign(new PassThrough(), isTTY ? { isTTY, columns: 60 } : {})
  let written = ''
  stream.on('data', (chunk) => {
    written += String(chunk)
  })
  return { stream, text: () => written }
}

test('is one line with what is known', () => {
  assert.equal(
    renderProgress(steady),
    'sse  steady 4s/10s  10,000/10,000 connected  498 deliveries/s  p50 2.1 ms  6 s left',
  )
  const ramp = { ...steady, phase: 'ramp-up', phaseTotalMs: null, p50Us: null, connected: 420 }
  assert.equal(
    renderProgress({ ...ramp, phase: 'ramp-up', runIndex: 2, runCount: 4, repetition: 2 }),
    'run 3 of 4  sse #2  ramp-up 4s  420/10,000 connected  6 s left in all',
  )
  assert.match(renderProgress({ ...steady, timeLeftMs: 600_000 }), /10 min left$/)
  assert.match(renderProgress({ ...steady, timeLeftMs: null }), /p50 2\.1 ms$/)
})

test('tells deliveries where they are counted only', () => {
  for (const phase of ['starting', 'ramp-up', 'warm-up', 'drain', 'done'] as const) {
    assert.doesNotMatch(renderProgress({ ...steady, phase }), /deliveries/)
  }
  assert.doesNotMatch(renderProgress({ ...steady, phaseElapsedMs: 0 }), /deliveries/)
})

test('without a terminal writes at each phase and at most every 5 s', () => {
  const { stream, text } = recorder(false)
  let nowMs = 1_000
  const writer = new ProgressWriter(stream, { now: () => nowMs })
  for (let step = 0; step < 120; step++) {
    writer.update(steady)
    nowMs += 100
  }
  writer.update({ ...steady, phase: 'drain' })
  writer.update({ ...steady, runIndex: 1 })
  writer.note('a note')
  writer.end()
  const lines = text().split('\n')
  assert.deepEqual(
    lines.map((line) => /steady|drain|note/.exec(line)?.[0]),
    ['steady', 'steady', 'steady', 'drain', 'steady', 'note', undefined],
  )
  assert.equal(stripVTControlCharacters(text()), text())
})

test('on a terminal rewrites one line, no wider than it', () => {
  const { stream, text } = recorder(true)
  const writer = new ProgressWriter(stream)
  writer.update(steady)
  writer.update({ ...steady, phaseElapsedMs: 5_000 })
  writer.end()
  assert.notEqual(stripVTControlCharacters(text()), text())
  const widths = stripVTControlCharacters(text())
    .split('\n')
    .map((line) => line.length)
  assert.ok(Math.max(...widths) < 60)
})

test('is silent when told to be', () => {
  for (const isTTY of [true, false]) {
    const { stream, text } = recorder(isTTY)
    const writer = new ProgressWriter(stream, { quiet: true })
    writer.update(steady)
    writer.note('a note')
    writer.end()
    assert.equal(text(), '')
  }
})
