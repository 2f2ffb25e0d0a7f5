import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DISRUPTION_KINDS,
  type Disruption,
  disruptionOf,
  entryOfKind,
  parseDisruption,
  WRITTEN_DISRUPTION,
} from './disruption.ts'
import { isRefusal } from './units.ts'

test('disruptions are read with what they take', () => {
  const rows: readonly (readonly [string, Partial<Disruption>])[] = [
    ['cut=30%@10s', { kind: 'cut', atMs: 10_000, share: 0.3, forMs: null, way: 'rst' }],
    ['cut=100%/fin@500ms', { kind: 'cut', atMs: 500, share: 1, way: 'fin' }],
    ['blackhole=30%/10s@10s', { kind: 'blackhole', share: 0.3, forMs: 10_000 }],
    ['blackhole=12.5%@0', { share: 0.125, forMs: null, atMs: 0 }],
    ['kill-instance@10s', { kind: 'kill-instance', forMs: 1_000, share: null }],
    ['kill-instance=3s@10s', { forMs: 3_000 }],
    ['stop-instance=3s@1m', { kind: 'stop-instance', forMs: 3_000, atMs: 60_000 }],
    ['restart-backplane@10s', { kind: 'restart-backplane', forMs: 0 }],
    ['partition=3s@10s', { kind: 'partition', forMs: 3_000 }],
    ['drain=5s@10s', { kind: 'drain', forMs: 5_000 }],
  ]
  for (const [text, expected] of rows) {
    const read = disruptionOf(text)
    assert.deepEqual({ ...read, ...expected }, read, text)
    assert.match(text, new RegExp(`^${WRITTEN_DISRUPTION}$`))
  }
})

test('what is wrong with a disruption is said in a line, with an example', () => {
  const rows = [
    ['kut=30%@10s', 'is no disruption, did you mean cut?'],
    ['', 'is no disruption'],
    ['cut=30%', 'does not say when, as in cut=30%@10s'],
    ['cut=30%@', 'begins at , which is not a duration, as in cut=30%@10s'],
    ['cut=30%@10', 'begins at 10, which has no unit, as in cut=30%@10s'],
    ['cut@10s', 'lacks a share, as in cut=30%@10s'],
    ['cut=0%@10s', 'takes 0%, which is no share above 0% and up to 100%, as in cut=30%@10s'],
    ['cut=101%@10s', 'takes 101%, which is no share above 0% and up to 100%, as in cut=30%@10s'],
    ['cut=30%/5s@10s', 'takes no time, as in cut=30%@10s'],
    ['cut=30%/40%@10s', 'says 40% beside another, as in cut=30%@10s'],
    ['stop-instance@10s', 'lacks a time, as in stop-instance=3s@10s'],
    ['stop-instance=30%@10s', 'lacks a time, as in stop-instance=3s@10s'],
    ['stop-instance=30%/3s@10s', 'takes no share, as in stop-instance=3s@10s'],
    ['stop-instance=0s@10s', 'takes 0s, which is below 1ms, as in stop-instance=3s@10s'],
    ['drain=soon@10s', 'takes soon, which is not a duration, as in drain=2s@10s'],
    ['drain=@10s', 'takes nothing, which is not a duration, as in drain=2s@10s'],
    ['partition=3s/rst@10s', 'takes no rst or fin, as in partition=3s@10s'],
  ] as const
  for (const [text, problem] of rows) {
    const read = parseDisruption(text)
    assert.deepEqual(isRefusal(read) ? read.problem : read, problem.replace(/'/g, ''), text)
  }
})

test('every example is one of its kind', () => {
  for (const kind of DISRUPTION_KINDS) {
    assert.equal(disruptionOf(entryOfKind(kind).example).kind, kind)
  }
})
