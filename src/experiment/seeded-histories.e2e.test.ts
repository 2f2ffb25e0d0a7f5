/** Runs that fail on purpose keep the law, and those of servers with a bug do not; `bench -- histories` has 300 of them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NATS, REDIS } from '../backplane/servers.conformance.ts'
import { FLAWS, type Flaw } from '../server/flawed-hub.ts'
import {
  drawHistory,
  eachUntil,
  type Judged,
  judgeDrawn,
  STREAMS,
} from './seeded-histories.conformance.ts'

/** Each technique has three disruptions, each disruption two techniques. */
const SEEDS = Array.from(
  { length: 12 },
  (_, at) => 4 * (at >> 1) + (((at >> 1) + 2 * (at % 2)) % 4),
)
const WITHIN = 50
/** The first seed of each bug: what is done before it makes nobody resume, and none of these bugs can show. */
const FIRST: Readonly<Record<Flaw, number>> = {
  'no-replay': 3,
  'short-replay': 3,
  'swapped-replay': 3,
  'untold-gap': 4,
  'early-answer': 1,
}

describe('histories that are drawn', () => {
  it('keep the law, whatever was done to the run', async (context) => {
    const buses: string[] = []
    for (const bus of [REDIS, NATS]) {
      const served = await bus.serve()
      if (typeof served === 'string') {
        context.diagnostic(`without ${bus.name}: ${served}`)
        continue
      }
      context.after(() => served.stop())
      buses.push(served.url)
    }
    let deliveries = 0
    await eachUntil(SEEDS, 3, async (seed) => {
      const judged = await judgeDrawn(drawHistory(seed, buses))
      assert.ok(judged.isKept, JSON.stringify(judged, null, 2))
      deliveries += judged.deliveries
      return false
    })
    assert.ok(deliveries > 500, `${deliveries}`)
  })

  it('break it where the server has a bug', async () => {
    await eachUntil(Object.keys(FLAWS).keys(), 5, async (at) => {
      const flaw = Object.keys(FLAWS)[at] as Flaw
      let found: Judged | null = null
      for (let seed = FIRST[flaw]; seed <= WITHIN && found === null; seed++) {
        const judged = await judgeDrawn(drawHistory(seed, [], STREAMS), flaw)
        if (!judged.isKept) found = judged
      }
      assert.ok(found !== null, `${flaw}: not found in ${WITHIN}`)
      const kind = flaw === 'swapped-replay' ? 'out-of-order' : 'lost'
      assert.ok(found.violations.includes(kind), `${flaw}: ${found.violations}`)
      return false
    })
  })
})
