import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LoopMeter } from './loop.ts'

const STALL_MS = 200
/** Two samples and more. */
const SETTLE_MS = 120
/** What a stall between two samples may lose, and a timer's own lateness. */
const SLACK_MS = 70

function stall(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

describe('the loop meter', () => {
  it('sees a stall, without its own resolution, and forgets it at a reset', async () => {
    const meter = new LoopMeter()
    meter.reset()
    // A delay is the time between two samples, so there must be one before.
    await sleep(SETTLE_MS)
    stall(STALL_MS)
    await sleep(SETTLE_MS)
    const { delayP50Us, delayP99Us, delayMaxUs, samples, utilisation } = meter.read()
    assert.ok(delayMaxUs >= (STALL_MS - SLACK_MS) * 1000, `the longest delay is ${delayMaxUs} µs`)
    const atMost = Math.ceil((2 * SETTLE_MS + STALL_MS) / 50) + 2
    assert.ok(samples >= 2 && samples <= atMost, `${samples} samples`)
    assert.ok(delayP50Us >= 0 && delayP50Us <= delayP99Us && delayP99Us <= delayMaxUs)
    assert.ok(utilisation > 0.1 && utilisation <= 1, `utilisation is ${utilisation}`)
    // Again where the machine itself stood still meanwhile.
    for (let attempt = 0; attempt < 3; attempt++) {
      meter.reset()
      await sleep(SETTLE_MS)
      if (meter.read().delayMaxUs < delayMaxUs) break
    }
    assert.ok(meter.read().utilisation < utilisation)
    assert.ok(meter.read().delayMaxUs < delayMaxUs)
  })

  it('reads nothing before its first sample', () => {
    const meter = new LoopMeter()
    meter.reset()
    const { delayP99Us, delayMaxUs, samples } = meter.read()
    assert.deepEqual([delayP99Us, delayMaxUs, samples], [0, 0, 0])
  })
})
