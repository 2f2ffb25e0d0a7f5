import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../../measure/histogram.ts'
import { needsProc } from '../command.conformance.ts'
import { hogged, isSound, judgeFrozen, startSlowServer, stopped } from './frozen.conformance.ts'

const STOP_MS = 300
const WINDOW_MS = 2_000
const HOGGED_MS = 3_000
/** So many that this machine's cores cannot serve them beside as many busy loops. */
const POLLERS = 10_000

describe('a run whose instrument was stopped', { concurrency: true, ...needsProc }, () => {
  before(prepareHistograms)

  for (const [role, transport] of [
    ['worker', 'sse'],
    ['publisher', 'websocket'],
    ['worker', 'long-poll'],
  ] as const) {
    it(`says so where the ${role} was stopped over ${transport}`, async (context) => {
      const server = await startSlowServer()
      context.after(() => server.stop())
      const [port = 0] = server.ports
      const judged = await judgeFrozen(stopped(role, STOP_MS, WINDOW_MS, transport, port))
      assert.ok(isSound(judged), judged.line)
    })
  }
})

describe('a run whose instrument was kept from the processors', needsProc, () => {
  before(prepareHistograms)

  it('blames other programs, or leaves room for the truth, where they take the processors', async () => {
    const judged = await judgeFrozen(hogged(POLLERS, HOGGED_MS))
    // A machine of many cores may do both at once, and be believed.
    assert.ok(judged.isBlamed || judged.isCovered, judged.line)
  })
})
