/** A front is told wherever a report shows what was measured through it, and nowhere else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleResult } from '../result/sample.conformance.ts'
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
