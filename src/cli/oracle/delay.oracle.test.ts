import assert from 'node:assert/strict'
import { before, describe, it, type TestContext } from 'node:test'
import { prepareHistograms } from '../../measure/histogram.ts'
import { isTimingReason } from '../../measure/reason.ts'
import type { LatencySummary, Run } from '../../result/document.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import {
  assertComplete,
  measure,
  type OracleServer,
  ownServer,
  percentileMs,
} from './own-server.conformance.ts'

const DELAY_MS = 50
const TAIL_DELAY_MS = 100
/** On a calm machine. */
const SHIFT_TOLERANCE_MS = 1
const TAIL_TOLERANCE_MS = 2

const CALM_MS = 0.5
const TOO_BUSY_MS = 10
const ATTEMPTS = 3
const PATIENCE_MS = 40_000

/**
 * What a busy machine adds to a share of the events. It is seen without knowing the delay, which
 * the quickest event has, or has not, like most others.
 */
function noiseMs(runs: readonly Run[], percentile: number): number {
  return Math.max(
    ...runs.map(({ latency }) => percentileMs(latency, percentile) - percentileMs(latency, 0)),
  )
}

/**
 * The calmest of three attempts, or more where all of them were too busy to tell, and what the
 * machine adds to the tolerance: nothing, where it is calm. Null where it stays too busy, which is
 * told of the test.
 */
async function calmest<Runs extends readonly [Run, ...Run[]]>(
  context: TestContext,
  percentile: number,
  measure: () => Promise<Runs>,
): Promise<{ runs: Runs; slackMs: number } | null> {
  const untilMs = performance.now() + PATIENCE_MS
  let runs = await measure()
  let noise = noiseMs(runs, percentile)
  const goesOn = (attempt: number): boolean =>
    attempt < ATTEMPTS ? noise > CALM_MS : noise >= TOO_BUSY_MS && performance.now() < untilMs
  for (let attempt = 1; goesOn(attempt); attempt++) {
    const again = await measure()
    const noiseAgain = noiseMs(again, percentile)
    if (noiseAgain >= noise) continue
    runs = again
    noise = noiseAgain
  }
  if (noise >= TOO_BUSY_MS) {
    // By other signs than the latency itself, which may be what is wrong.
    const isBusy = runs.some(({ validity }) => validity.reasons.some(isTimingReason))
    assert.ok(isBusy, `readings spread by ${noise} ms on a machine that is not busy`)
    context.skip(`this machine is too busy to tell: it adds ${noise} ms`)
    return null
  }
  return { runs, slackMs: noise > CALM_MS ? noise : 0 }
}

/** Even arrivals, so far apart that no late event makes the next of its channel wait. */
async function measured(
  { port }: OracleServer,
  transport: string,
  load: Pick<Scenario, 'clients' | 'durationMs'>,
): Promise<Run> {
  const run = await measure({ transport, port }, { ...load, rate: 5, arrivals: 'constant' })
  assertComplete(run)
  return run
}

function assertNear(foundMs: number, expectedMs: number, toleranceMs: number): void {
  const line = `${foundMs} ms, not ${expectedMs} ± ${toleranceMs}`
  assert.ok(Math.abs(foundMs - expectedMs) <= toleranceMs, line)
}

function shiftMs(plain: LatencySummary | null, delayed: LatencySummary | null): number {
  return percentileMs(delayed, 50) - percentileMs(plain, 50)
}

describe('a known delay', () => {
  before(prepareHistograms)

  for (const transport of ['sse', 'websocket', 'long-poll']) {
    it(`of all events shifts the median over ${transport}`, async (context) => {
      const prompt = await ownServer(context)
      const late = await ownServer(context, `delay=${DELAY_MS}ms`)
      const load = { clients: 24, durationMs: 600 }
      // At the same time, so that the rest of the machine meets both alike.
      const calm = await calmest(context, 50, () =>
        Promise.all([measured(prompt, transport, load), measured(late, transport, load)]),
      )
      if (calm === null) return
      const { runs, slackMs } = calm
      const [plain, delayed] = runs
      const toleranceMs = SHIFT_TOLERANCE_MS + slackMs
      const foundMs = shiftMs(plain.latency, delayed.latency)
      assertNear(foundMs, DELAY_MS, toleranceMs)
      const wrongMs = DELAY_MS - 2 * toleranceMs - 0.1
      assert.throws(() => assertNear(foundMs, wrongMs, toleranceMs), / ms, not /)
      // An instrument that looks from the server's acceptance on sees nothing.
      const serviceMs = shiftMs(plain.serviceLatency, delayed.serviceLatency)
      assert.throws(() => assertNear(serviceMs, DELAY_MS, toleranceMs), /, not 50 ±/)
    })
  }

  it('of one event in a hundred is the tail', async (context) => {
    const server = await ownServer(context, `delay=${TAIL_DELAY_MS}ms/1%`)
    const load = { clients: 300, durationMs: 1000 }
    const calm = await calmest(context, 75, async () => [await measured(server, 'sse', load)])
    if (calm === null) return
    const { runs, slackMs } = calm
    const [{ latency, serviceLatency }] = runs
    const toleranceMs = TAIL_TOLERANCE_MS + slackMs
    // Half of the late ones lie beyond it.
    assertNear(percentileMs(latency, 99.5), TAIL_DELAY_MS, toleranceMs)
    const serviceMs = percentileMs(serviceLatency, 99.5)
    assert.throws(() => assertNear(serviceMs, TAIL_DELAY_MS, toleranceMs), /, not 100 ±/)
    assert.throws(() => assertNear(percentileMs(latency, 95), TAIL_DELAY_MS, toleranceMs))
  })
})
