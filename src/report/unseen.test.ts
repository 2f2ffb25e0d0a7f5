import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { RecordedScenario, Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { emptyShare, meanPart, unseenNotes } from './unseen.ts'

const { scenario } = sampleResult()

/** Measured at a server that a scenario describes, whose long polls are found at a path. */
function foreign(
  path = '/wait/{channel}',
  changes: Partial<RecordedScenario> = {},
): RecordedScenario {
  const endpoints = {
    'short-poll': { path: '/poll/{channel}' },
    'long-poll': { path },
    sse: { path: '/events/{channel}' },
  }
  return { ...scenario, target: { publish: null, endpoints }, ...changes }
}

function polled(empty: number, responses = 1_000, changes: Partial<Run> = {}): Run {
  const run = sampleRun('long-poll', changes)
  const exchanges = { ...run.exchanges, responses, empty, emptyRatio: empty / responses }
  return { ...run, exchanges }
}

describe('the share of empty answers', () => {
  it('is what was measured where the window has its part of it', () => {
    const none = polled(0)
    assert.equal(emptyShare(none, scenario), '0 %')
    assert.equal(emptyShare(none, foreign('/wait/{channel}?timeout={hold}')), '0 %')
    assert.equal(emptyShare(none, foreign('/x', { holdMs: 1_000 })), '0 %')
    assert.equal(emptyShare(polled(50), foreign()), '5.0 %')
    // e^(−30) is nothing to a reader.
    assert.equal(emptyShare(none, foreign('/x', { rate: 1 })), '0 %')
    assert.equal(emptyShare(sampleRun('short-poll'), foreign()), '99.0 %')
    assert.equal(emptyShare(sampleRun('sse'), foreign()), '–')
  })

  it('says theory’s where all holds began together', () => {
    assert.equal(emptyShare(polled(0), foreign()), '0 % (in the long run 5.0 %)')
    assert.equal(
      emptyShare(polled(0), foreign(), { noun: ' empty', counts: '0 of 9' }),
      '0 % empty (0 of 9; in the long run 5.0 %)',
    )
    // A hold and a half lie between two events that come evenly.
    const even = foreign('/x', { arrivals: 'constant', rate: 1 / 45 })
    assert.equal(emptyShare(polled(0), even), '0 % (in the long run 50.0 %)')
    const idle = foreign('/x', { rate: 0 })
    assert.equal(emptyShare(polled(0), idle), '0 % (in the long run 100 %)')
  })
})

describe('the notes on what a window cannot have', () => {
  const noted = (at: RecordedScenario, runs: readonly Run[], more: Partial<Result> = {}): string =>
    unseenNotes({ ...sampleResult({ runs: [...runs] }), scenario: at, ...more }).join('\n')

  it('are none of a server that is rtbench’s own', () => {
    const { runs } = sampleResult()
    assert.equal(noted(scenario, [polled(0), ...runs]), '')
  })

  it('tell of holds that were not over', () => {
    assert.match(
      noted(foreign(), [polled(0)]),
      /^Long polling: this server cannot be asked for its hold, so that all holds of 30 s began together, and are not over within 2 s of warm-up and a window of 10 s\. /,
    )
    const long = polled(0, 1_000, { durationMs: 40_000 })
    assert.match(noted(foreign(), [long]), /and a window of 40 s has no even share of their ends\./)
    assert.equal(noted(foreign('/x?hold={hold}'), [polled(0)]), '')
  })

  it('ask for the hold of a sweep’s own value', () => {
    const sweep = { key: 'hold', unit: 'ms', values: [1_000, 30_000] } as const
    const [short, long] = [1_000, 30_000].map((point) => polled(0, 1_000, { point }))
    assert.ok(short !== undefined && long !== undefined)
    assert.equal(noted(foreign(), [short], { sweep }), '')
    assert.match(noted(foreign(), [short, long], { sweep }), /all holds of 30 s/)
  })

  it('tell of heartbeats, in windows that are short', () => {
    assert.match(
      noted(foreign(), [sampleRun('short-poll'), sampleRun('sse')]),
      /^Heartbeats: .* the window of 10 s, /,
    )
    assert.equal(noted(foreign(), [sampleRun('short-poll')]), '')
    assert.equal(noted(foreign(), [sampleRun('sse', { durationMs: 60_000 })]), '')
  })
})

test('who has no fan-out has no part of the mean in it', () => {
  const [poll, stream] = [sampleRun('short-poll'), sampleRun('sse')]
  assert.equal(meanPart(poll, 'fanOutUs'), null)
  assert.equal(meanPart(stream, 'fanOutUs'), stream.spent?.fanOutUs)
  assert.equal(meanPart({ ...stream, spent: null }, 'readUs'), null)
})
