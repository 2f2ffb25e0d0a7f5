import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Decision, FaultDraw, type Faults } from './faults.ts'

const mixed: Faults = {
  seed: 1,
  drop: 0.1,
  duplicate: 0.2,
  swap: 0.05,
  delay: { ms: 20, share: 0.3 },
}

function decisions(faults: Faults, count: number): readonly Decision[] {
  const draw = new FaultDraw(faults)
  return Array.from({ length: count }, () => draw.next())
}

describe('the draw of faults', () => {
  it('hits the shares asked for, the delay whatever the fault is', () => {
    const count = 20_000
    const drawn = decisions(mixed, count)
    const assertShare = (part: number, of: number, share: number): void => {
      const deviation = Math.sqrt((share * (1 - share)) / of)
      assert.ok(Math.abs(part / of - share) < 4 * deviation, `${part} of ${of}, not ${share}`)
    }
    for (const fault of ['drop', 'duplicate', 'swap'] as const) {
      const hit = drawn.filter((decision) => decision.fault === fault)
      assertShare(hit.length, count, mixed[fault])
      assertShare(hit.filter(({ late }) => late).length, hit.length, mixed.delay.share)
    }
    assertShare(drawn.filter(({ late }) => late).length, count, mixed.delay.share)
  })

  it('is the same by the same seed, and another by another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const faults = { ...mixed, seed }
        assert.deepEqual(decisions(faults, 50), decisions(faults, 50))
        const other = { ...mixed, seed: (seed + 1) % 2 ** 32 }
        assert.notDeepEqual(decisions(faults, 50), decisions(other, 50))
      }),
    )
  })

  it('drops the same events whether others are late or not', () => {
    const prompt = { ...mixed, delay: { ms: 0, share: 0 } }
    const faultsOf = (faults: Faults) => decisions(faults, 500).map(({ fault }) => fault)
    assert.deepEqual(faultsOf(prompt), faultsOf(mixed))
    assert.ok(decisions(prompt, 500).every(({ late }) => !late))
  })

  it('hits every event by a share of 1, and none by 0', () => {
    const clean = { ...mixed, drop: 0, duplicate: 0, swap: 0 }
    assert.ok(decisions(clean, 500).every(({ fault }) => fault === null))
    assert.ok(decisions({ ...clean, swap: 1 }, 500).every(({ fault }) => fault === 'swap'))
  })
})
