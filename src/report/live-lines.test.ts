import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import type { Phase } from '../swarm/run-order.ts'
import {
  ASCII_BLOCKS,
  BLOCKS,
  type LiveSecond,
  type Progress,
  renderLive,
  sparkline,
} from './progress.ts'
import { ProgressWriter } from './progress-writer.ts'
import { Screen } from './screen.conformance.ts'
import { terminalWidth, wantsAscii } from './terminal.ts'

const steady: Progress = {
  transport: 'sse',
  label: 'Server-Sent Events',
  repetition: 1,
  phase: 'steady',
  phaseElapsedMs: 5_000,
  phaseTotalMs: 10_000,
  connected: 10_000,
  clients: 10_000,
  held: 10_000,
  deliveriesPerSecond: 498,
  p50Us: 2_100,
  p99Us: 8_300,
  timeLeftMs: 40_000,
  runIndex: 1,
  runCount: 4,
}
const seconds: readonly LiveSecond[] = [1, 2, 4, 8].map((ms) => ({
  deliveriesPerSecond: 500 - ms,
  p99Us: ms * 1000,
}))
const plain = { color: false, ascii: false, width: 80 }

describe('a live run', () => {
  it('is two lines: where it is, and what it does', () => {
    assert.deepEqual(renderLive(steady, seconds, plain), [
      'run 2 of 4  sse  steady 5s/10s  ━━━━━━━━━━──────────  40 s left in all',
      '▂▃▅█  p99 8.3 ms  p50 2.1 ms  498 deliveries/s  10,000 held',
    ])
  })

  it('leaves out what has no room, the least important first', () => {
    assert.deepEqual(renderLive(steady, seconds, { ...plain, width: 60 }), [
      'run 2 of 4  sse  steady 5s/10s  40 s left in all',
      '▂▃▅█  p99 8.3 ms  p50 2.1 ms  498 deliveries/s  10,000 held',
    ])
    assert.deepEqual(renderLive(steady, seconds, { ...plain, width: 50 }), [
      'run 2 of 4  sse  steady 5s/10s  40 s left in all',
      '▂▃▅█  p99 8.3 ms  p50 2.1 ms  498 deliveries/s',
    ])
    assert.deepEqual(renderLive(steady, seconds, { ...plain, width: 40 }), [
      'run 2 of 4  sse  steady 5s/10s',
      '▂▃▅█  p99 8.3 ms  p50 2.1 ms',
    ])
    assert.deepEqual(renderLive(steady, seconds, { ...plain, width: 20 }), [
      'run 2 of 4  sse  st',
      'p99 8.3 ms',
    ])
  })

  it('draws in ASCII where blocks are two columns wide', () => {
    const lines = renderLive(steady, seconds, { ...plain, ascii: true })
    assert.match(lines.join(''), /^[ -~]+$/)
    assert.match(lines.join('\n'), / ##########---------- .*\n\.,-# {2}p99 /)
  })

  it('draws deliveries where there are too few for a percentile', () => {
    const few = seconds.map((second) => ({ ...second, p99Us: null }))
    const [, what] = renderLive({ ...steady, p99Us: null }, few, plain)
    assert.equal(what, '████  p50 2.1 ms  498 deliveries/s  10,000 held')
  })

  it('tells how many are connected while they connect, and when some are missing', () => {
    const ramp = { ...steady, phase: 'ramp-up', phaseTotalMs: null, connected: 2_500 } as const
    assert.deepEqual(renderLive(ramp, [], plain), [
      'run 2 of 4  sse  ramp-up 5s  ━━━━━───────────────  40 s left in all',
      '2,500/10,000 connected',
    ])
    const [, what = ''] = renderLive({ ...steady, connected: 9_000 }, seconds, plain)
    assert.match(what, / {2}9,000\/10,000 connected$/)
  })

  it('is painted, and no longer for it', () => {
    const painted = renderLive(steady, seconds, { ...plain, color: true })
    assert.notDeepEqual(painted, renderLive(steady, seconds, plain))
    assert.deepEqual(painted.map(stripVTControlCharacters), renderLive(steady, seconds, plain))
  })
})

const phases: readonly Phase[] = ['starting', 'ramp-up', 'warm-up', 'steady', 'drain', 'done']
const us = fc.option(fc.integer({ min: 0, max: 2e7 }))
const anyProgress: fc.Arbitrary<Progress> = fc.record({
  transport: fc.constantFrom('sse', 'websocket', 'short-poll'),
  label: fc.constant('x'),
  repetition: fc.integer({ min: 1, max: 1000 }),
  phase: fc.constantFrom(...phases),
  phaseElapsedMs: fc.integer({ min: 0, max: 1e8 }),
  phaseTotalMs: fc.option(fc.integer({ min: 0, max: 1e8 })),
  connected: fc.integer({ min: 0, max: 1e7 }),
  clients: fc.integer({ min: 1, max: 1e7 }),
  held: fc.option(fc.integer({ min: 0, max: 1e7 })),
  deliveriesPerSecond: fc.integer({ min: 0, max: 1e7 }),
  p50Us: us,
  p99Us: us,
  timeLeftMs: fc.option(fc.integer({ min: 0, max: 1e9 })),
  runIndex: fc.integer({ min: 0, max: 999 }),
  runCount: fc.constant(1000),
})
const widths = fc.integer({ min: 1, max: 200 })

test('no line is as wide as the terminal, whatever there is to say', () => {
  fc.assert(
    fc.property(anyProgress, widths, fc.boolean(), (progress, width, ascii) => {
      for (const line of renderLive(progress, seconds, { color: false, ascii, width })) {
        assert.ok(line.length <= Math.max(1, width - 1), line)
        assert.doesNotMatch(line, /NaN|Infinity|undefined|null/)
      }
    }),
  )
})

test('a screen has the notes, the last state of each run, and one state that is live', () => {
  const step = fc.oneof(
    anyProgress.map((progress) => ({ progress })),
    fc.constantFrom('a note', 'another').map((note) => ({ note })),
  )
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.integer({ min: 30, max: 120 }),
      (steps, width) => {
        const screen = new Screen(width)
        let nowMs = 0
        const writer = new ProgressWriter(screen.stream, {
          environment: { NO_COLOR: '1', TERM: 'xterm' },
          now: () => nowMs,
        })
        let stays = 0
        for (const one of steps) {
          nowMs += 1_000
          if ('note' in one) writer.note(one.note)
          else writer.update(one.progress)
          if ('note' in one || one.progress.phase === 'done') stays++
          const rows = screen.text === '' ? 0 : screen.text.split('\n').length
          assert.ok(
            rows >= stays - 0 && rows <= stays + 2,
            `${rows} rows, ${stays} stay:\n${screen.text}`,
          )
        }
        writer.end()
        const rows = screen.text === '' ? [] : screen.text.split('\n')
        assert.equal(rows.length, stays, screen.text)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the cursor is never hidden
        assert.doesNotMatch(screen.written, /\u001b\[\?25l/)
      },
    ),
  )
})

test('a terminal has at most four states a second, and each new phase', () => {
  const screen = new Screen(80)
  let nowMs = 0
  const writer = new ProgressWriter(screen.stream, { environment: {}, now: () => nowMs })
  let frames = 0
  let before = ''
  for (; nowMs < 2_000; nowMs += 10) {
    writer.update({ ...steady, deliveriesPerSecond: nowMs })
    if (screen.written !== before) frames++
    before = screen.written
  }
  assert.equal(frames, 8)
  writer.update({ ...steady, phase: 'drain' })
  assert.match(screen.text, /drain/)
})

test('a terminal of no size has plain lines', () => {
  const screen = new Screen(0)
  const writer = new ProgressWriter(screen.stream, { environment: {} })
  writer.update({ ...steady, phase: 'ramp-up' })
  writer.note('a note')
  assert.equal(stripVTControlCharacters(screen.written), screen.written)
  assert.match(screen.written, /^run 2 of 4 {2}sse {2}ramp-up .* connected.*\na note\n$/)
  assert.equal(terminalWidth(screen.stream, 80), 80)
  assert.equal(terminalWidth({}, 80), 80)
  assert.equal(terminalWidth({ columns: 132 }, 80), 132)
})

test('a dumb terminal has plain lines', () => {
  const screen = new Screen(80)
  const writer = new ProgressWriter(screen.stream, {
    environment: { TERM: 'dumb' },
    now: () => 1e6,
  })
  for (let second = 0; second < 5; second++) writer.update(steady)
  writer.end()
  assert.equal(stripVTControlCharacters(screen.written), screen.written)
  assert.equal(screen.written.split('\n').length, 2)
})

test('ASCII is for East Asia and for character sets without blocks', () => {
  const cases: readonly (readonly [NodeJS.ProcessEnv, boolean])[] = [
    [{}, false],
    [{ LANG: 'C' }, false],
    [{ LANG: 'en_US.UTF-8' }, false],
    [{ LANG: 'de_DE.utf8' }, false],
    [{ LANG: 'ja_JP.UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'zh_CN.UTF-8' }, true],
    [{ LC_CTYPE: 'en_US.ISO-8859-1' }, true],
    [{ LC_ALL: '', LANG: 'ko_KR.UTF-8' }, true],
  ]
  for (const [environment, ascii] of cases) {
    assert.equal(wantsAscii(environment), ascii, JSON.stringify(environment))
  }
})

test('a sparkline goes from zero to the greatest value', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], BLOCKS), '▁▂▃▄▅▆▇██')
  assert.equal(sparkline([null, 5, null], BLOCKS), ' █ ')
  assert.equal(sparkline([0, 0], BLOCKS), '▁▁')
  assert.equal(sparkline([], BLOCKS), '')
  assert.equal(BLOCKS.length, ASCII_BLOCKS.length)
})
