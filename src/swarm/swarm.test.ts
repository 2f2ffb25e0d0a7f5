import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Scenario } from '../scenario/scenario.ts'
import { transports } from '../transports/registry.ts'
import type { Transport } from '../transports/transport.ts'
import { probeFact } from './swarm.ts'

const reading = {
  count: 500,
  p50Us: 100,
  p99Us: 7_000,
  maxUs: 9_000,
  loopDelayP99Us: null,
  loopDelayMaxUs: null,
}

function allowance(
  transport: Transport,
  arrivals: Scenario['arrivals'],
  fanOut: Parameters<typeof probeFact>[2],
): number | null {
  const scenario = { arrivals, intervalMs: 200 } as Scenario
  const { p99Us, allowanceUs } = probeFact(reading, { transport, scenario }, fanOut)
  assert.equal(p99Us, 7_000)
  return allowanceUs
}

describe('what is allowed for beside the control probe', () => {
  const fanOut = { p99Us: 3_000, maxUs: 8_000 }
  for (const transport of transports) {
    const { name, hasExchanges, traits } = transport
    it(`is nothing for who stays in line, and the fan-out for who queues up anew: ${name}`, () => {
      assert.equal(allowance(transport, 'poisson', fanOut), hasExchanges ? 3_000 : 0)
      const few = { ...fanOut, p99Us: null }
      assert.equal(allowance(transport, 'poisson', few), hasExchanges ? 8_000 : 0)
      assert.equal(allowance(transport, 'poisson', null), hasExchanges ? null : 0)
      const phaseUs = traits.keepsInterval ? 200_000 : 0
      assert.equal(allowance(transport, 'constant', fanOut), hasExchanges ? 3_000 + phaseUs : 0)
    })
  }
})
