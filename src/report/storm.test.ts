import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { stormNotes } from './storm.ts'
import { table } from './table.ts'

const storm: NonNullable<Run['storm']> = {
  by: 'kill-instance@5s',
  clients: 3_334,
  back: { count: 3_334, p50Us: 1_800_000, p90Us: 2_400_000, p99Us: 3e6, maxUs: 3_200_000 },
  connects: {
    reached: 3_334,
    missed: 9_000,
    peakPerSecond: 2_000,
    peakPerTenth: 300,
    herdShare: 0.09,
  },
  queue: {
    ...{ peak: 120, limit: 4_096, overflows: 0, drops: 0 },
    ...{ sampleMs: 10, longestGapMs: 30, samples: 900 },
  },
  cost: {
    ...{ bytes: 3_334_000, bytesPerClient: 1_000, seconds: 4 },
    ...{ serverCpuUs: 1_000_200, serverCpuUsPerClient: 300 },
    ...{ generatorCpuUs: 666_800, generatorCpuUsPerClient: 200 },
  },
  events: { replayed: 20_000, missed: 0, duplicates: 1, gaps: 0 },
  recovery: { calmP99Us: 12_000, afterUs: 3_100_000 },
}

function notes(changes: Partial<typeof storm>, backoff: 'none' | 'full-jitter' = 'full-jitter') {
  const run = { ...sampleRun('sse'), storm: { ...storm, ...changes } }
  const result = sampleResult({ runs: [run] })
  return stormNotes({ ...result, scenario: { ...result.scenario, backoff } })
}

test('a line says when clients were back, how they came, and what it took', () => {
  assert.deepEqual(notes({}), [
    "Back, sse #1, after kill-instance@5s: half of 3,334 clients in 1.8 s, 90 % in 2.4 s, 99 % in 3 s, all in 3.2 s; up to 2,000 connects in a second and 300 in a tenth of one (9.0 % of all), 120 in the accept queue of at most 4,096, never full; 1,000 B, 300 µs of the server's processor, 200 µs of the clients' for each of them; 20,000 replayed, 0 missed, 1 duplicate, 0 gaps declared; push latency above twice the p99 of before (12 ms) for 3.1 s.",
  ])
})

test('what is not known is not said, and who is not back is', () => {
  const [line = ''] = notes(
    {
      back: { count: 2_000, p50Us: 1_800_000, p90Us: null, p99Us: null, maxUs: null },
      queue: null,
      cost: {
        ...{ bytes: null, bytesPerClient: null, seconds: null },
        ...{ serverCpuUs: null, serverCpuUsPerClient: null },
        ...{ generatorCpuUs: null, generatorCpuUsPerClient: null },
      },
      recovery: { calmP99Us: 12_000, afterUs: null },
    },
    'none',
  )
  assert.match(line, /half of 3,334 clients in 1.8 s, 1,334 not; up to/)
  assert.match(line, /\(9.0 % of all\) without jitter; 20,000 replayed/)
  assert.match(line, /did not come back to twice the p99 of before \(12 ms\) in the window\.$/)
  assert.match(notes({ recovery: { calmP99Us: null, afterUs: null } })[0] ?? '', /too few events/)
  const queue = { ...(storm.queue as NonNullable<typeof storm.queue>), overflows: 7 }
  assert.match(notes({ queue })[0] ?? '', /of at most 4,096, 7 refused;/)
})

test('a run without one says nothing; one with it has rows of its own', () => {
  const without = sampleResult()
  assert.deepEqual(stormNotes(without), [])
  assert.doesNotMatch(table.render(without), /of them back|Herd/)
  const text = table.render(sampleResult({ runs: [{ ...sampleRun('sse'), storm }] }))
  assert.match(text, /99 % of them back +3 s/)
  assert.match(text, /Herd +9.0 %/)
})
