/** A front is told wherever a report shows what was measured through it, and nowhere else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run, RunResult } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareTransports } from './comparison.ts'
import { html } from './html/page.ts'
import { markdown } from './markdown.ts'
import { table } from './table.ts'

const FRONT: NonNullable<Run['front']> = {
  program: 'haproxy',
  version: '2.6.12-1+deb12u4',
  balance: 'cookie',
  cpuUtilisation: 0.1,
  cpuUsPerDelivery: 46.4,
  waitedShare: 0.2,
  rssBytes: 20_000_000,
  rssBytesPerClient: 20_480,
  heldByInstance: [333, 334, 335],
}
const direct = sampleResult()
const through = sampleResult({
  runs: direct.runs.map((run) => ({
    ...run,
    front: run.technique.traits.keepsInterval ? { ...FRONT, heldByInstance: null } : FRONT,
  })),
})
const SAID = /haproxy 2\.6\.12-1\+deb12u4 before \d+ instances?, cookie/

/** In one line: a terminal wraps. */
const flat = (text: string): string => text.replace(/\s+/g, ' ')

test('the first screen names it, if there is one', () => {
  assert.match(flat(table.render(through)), SAID)
  assert.doesNotMatch(table.render(direct), /haproxy|front/i)
})

test('all rows tell what it took, and how it has spread the clients', () => {
  for (const text of [
    table.render(through, { full: true, width: 200 }),
    markdown.render(through),
    html.render(through).replace(/<[^>]+>/g, ' '),
  ]) {
    const told = flat(text)
    assert.match(told, SAID)
    for (const word of ['Front CPU per', '46.4 µs', 'Front memory per', '20 KiB', 'Held by']) {
      assert.ok(told.includes(word), word)
    }
    assert.match(told, /333 \/ 334 \/ 335/)
    assert.match(told, /Clients go through a front: what it takes/)
  }
  for (const text of [table.render(direct, { full: true }), html.render(direct)]) {
    assert.doesNotMatch(text.replace(/<script.*?<\/script>/gs, ''), /Held by instance|Front CPU/)
  }
})

test('the row on scaling has the words alone of one instance, and what several had and what came of it', () => {
  const scaled = (changes: Partial<Run>): RunResult =>
    sampleResult({
      runs: direct.runs.map((run) => ({
        ...run,
        ...changes,
        server: { ...(run.server as NonNullable<Run['server']>), instances: 3 },
      })),
    })
  const rowOf = (result: RunResult): readonly string[] =>
    compareTransports(result).rows.find(({ label }) => label === 'Scaling')?.cells ?? []
  assert.deepEqual(rowOf(direct), [
    'stateless, one log (not measured)',
    'one log (not measured)',
    'bus (not measured)',
    'bus and sticky front (not measured)',
  ])
  const { delivery } = sampleRun('sse')
  const unconnected = scaled({ delivery: { ...delivery, delivered: 332, reach: 0.332 } })
  assert.equal(rowOf(unconnected)[2], 'bus: 3 instances, no bus, reach 33.2 %')
  const bus: NonNullable<Run['bus']> = {
    ...{ name: 'Redis', routing: 'broadcast', bytesPerEvent: 700, bytesPerDelivery: 70 },
    ...{ hopMeanUs: 300, cpuUtilisation: 0.012, rssBytes: 50e6, bytesIn: null, bytesOut: null },
    ...{ restarts: 0, gaps: 0, instances: [], outages: [] },
  }
  assert.equal(
    rowOf(scaled({ bus, front: FRONT }))[3],
    'bus and sticky front: 3 instances on Redis through haproxy (cookie), reach 100 %',
  )
  // Older results do not know the words.
  const { scaling: _, ...traits } = sampleRun('sse').technique.traits
  const older = sampleRun('sse', { technique: { label: 'SSE', traits } })
  assert.deepEqual(rowOf(sampleResult({ runs: [older] })), ['– (not measured)'])
})
