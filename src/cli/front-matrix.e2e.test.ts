/** The documents' sentences on scaling out, as `scenarios/scale-out.yaml` measures them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { balancers } from '../balancer/registry.ts'
import { installed } from '../balancer/running.ts'
import type { Run } from '../result/document.ts'
import { parseResult, run } from './command.conformance.ts'
import { root } from './root.conformance.ts'

const SCENARIO = join(root, 'scenarios', 'scale-out.yaml')
const INSTANCES = 3

function isHere(name: string): boolean {
  try {
    return installed(balancers.find((one) => one.name === name) ?? assert.fail()) !== null
  } catch {
    return false
  }
}

/** By technique, what came of a part of the matrix. */
async function measured(
  context: TestContext,
  ...words: readonly string[]
): Promise<Readonly<Record<string, Run>>> {
  const { code, stdout, stderr } = await run(context, [
    ...['run', SCENARIO, '--clients', '93', '--channels', '31', '--rate', '2', '--seed', '5'],
    ...['--interval', '300ms', '--hold', '1s', '--duration', '4s', '--warmup', '1s'],
    ...['--json', '--no-save', '--quiet', '--allow-invalid', ...words],
  ])
  assert.equal(code, 0, stderr)
  return Object.fromEntries(parseResult(stdout).runs.map((one) => [one.transport, one]))
}

const reachOf = (one: Run | undefined): number => one?.delivery.reach ?? Number.NaN
/** Chance puts a client where its events enter: of 93 clients a third, and 15 % more or less in a thousand runs. */
const isThird = (reach: number): boolean => Math.abs(reach - 1 / INSTANCES) < 0.17

const skip = isHere('haproxy') ? false : 'HAProxy is not here: apt-get install haproxy'

describe('three instances behind HAProxy', { skip, concurrency: 2 }, () => {
  for (const balance of ['round-robin', 'cookie']) {
    it(`on a bus reach everybody once, by ${balance}`, async (context) => {
      for (const [name, { delivery, errors }] of Object.entries(
        await measured(context, '--balance', balance),
      )) {
        const { expected, lost, duplicates, outOfOrder, gapSignals } = delivery
        assert.ok(expected > 300, name)
        assert.deepEqual([lost, duplicates, outOfOrder, gapSignals, errors], [0, 0, 0, 0, {}], name)
      }
    })
  }

  it('without a bus reach a third of those who stay where they are', async (context) => {
    const runs = await measured(context, '--backplane', 'none', '--balance', 'cookie')
    for (const [name, one] of Object.entries(runs)) {
      assert.ok(isThird(reachOf(one)), `${name}: reach ${reachOf(one)}`)
      assert.deepEqual([one.delivery.duplicates, one.delivery.gapSignals], [0, 0], name)
    }
  })

  it('without a bus keep a stream and a socket where they are, and lose pollers their place', async (context) => {
    const runs = await measured(context, '--backplane', 'none', '--balance', 'round-robin')
    for (const name of ['sse', 'websocket']) assert.ok(isThird(reachOf(runs[name])), name)
    for (const name of ['short-poll', 'long-poll']) {
      const { lost, duplicates, gapSignals } = (runs[name] as Run).delivery
      assert.ok(
        gapSignals > 0 && lost + duplicates > 0,
        `${name}: ${lost} lost, ${gapSignals} gaps`,
      )
    }
  })
})
