/** The reconnect storm of a run: what the scenario of that name measures, small. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Run } from '../result/document.ts'
import { parseResult, run } from './command.conformance.ts'

const SCENARIO = fileURLToPath(new URL('../../scenarios/reconnect-storm.yaml', import.meta.url))
/** A third of the clients is met. */
const MET = 20

async function stormed(
  context: TestContext,
  backoff: string,
  transports: string,
): Promise<readonly Run[]> {
  const args = [
    ...['run', SCENARIO, '--clients', `${3 * MET}`, '--transport', transports],
    ...['--channels', '4', '--rate', '20', '--arrivals', 'constant', '--interval', '200ms'],
    ...['--duration', '6s', '--warmup', '300ms', '--disrupt', 'kill-instance=300ms@2s'],
    ...['--backoff', backoff, '--seed', '7', '--json', '--no-save', '--quiet', '--allow-invalid'],
  ]
  const ended = await run(context, args)
  assert.equal(ended.code, 0, ended.stderr)
  const { scenario, runs } = parseResult(ended.stdout)
  assert.equal(scenario.backoff, backoff)
  return runs
}

function the({ storm, transport }: Run) {
  assert.ok(storm !== undefined, transport)
  return storm
}

describe('a reconnect storm', { concurrency: 2 }, () => {
  it('is scored for each technique: who is back when, by how many connects, and what it took', async (context) => {
    for (const one of await stormed(context, 'full-jitter', 'all')) {
      const { by, clients, back, connects, queue, cost, events } = the(one)
      assert.equal(by, 'kill-instance=300ms@2s')
      // A poller that asked when it was there again has lost nothing.
      const most = one.technique.traits.keepsInterval ? 1 : MET
      assert.ok(clients >= most && clients <= MET, `${one.transport}: ${clients}`)
      assert.equal(back.count, clients)
      const times = [0, back.p50Us ?? 0, back.p90Us ?? 0, back.p99Us ?? 0, back.maxUs ?? 0]
      assert.deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      )
      assert.ok((back.p50Us ?? 0) > 300_000, `${back.p50Us} µs`)
      assert.equal(connects.reached, clients)
      assert.ok(connects.peakPerTenth <= connects.peakPerSecond)
      assert.ok((cost.bytesPerClient ?? 0) > 100 && (cost.bytesPerClient ?? 0) < 20_000)
      assert.ok(events.replayed >= clients, `${one.transport}: ${events.replayed}`)
      assert.deepEqual([events.missed, events.duplicates], [0, 0])
      if (process.platform === 'linux') assert.ok((queue?.samples ?? 0) > 0)
    }
  })

  it('comes as a herd without jitter', async (context) => {
    const herdOf = async (backoff: string): Promise<number> => {
      const [one] = await stormed(context, backoff, 'websocket')
      assert.ok(one !== undefined)
      return the(one).connects.herdShare ?? 0
    }
    const [spread, herd] = await Promise.all([herdOf('full-jitter'), herdOf('none')])
    assert.ok(herd > 0.5 && herd >= spread, `${herd} after ${spread}`)
  })
})
