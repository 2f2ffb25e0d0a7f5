import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ownTarget } from '../../experiment/plan.ts'
import { prepareHistograms } from '../../measure/histogram.ts'
import type { Run } from '../../result/document.ts'
import { startConnected, startInstances } from '../../server/instances.ts'
import { DEFAULT_SERVER_OPTIONS } from '../../server/reference-server.ts'
import type { RunOrder } from '../../swarm/run-order.ts'
import { transportNamed } from '../../transports/registry.ts'
import { needsProc } from '../command.conformance.ts'
import { CLIENTS, childrenOf, measure } from '../measured-run.conformance.ts'

/** Has a process stand still for half of the time; returns how to let it go. */
function hobble(pid: number): () => void {
  let stopped = false
  const turn = (): void => {
    stopped = !stopped
    process.kill(pid, stopped ? 'SIGSTOP' : 'SIGCONT')
  }
  const timer = setInterval(turn, 300)
  return () => {
    clearInterval(timer)
    if (stopped) turn()
  }
}

const broadcast = { channels: 1, rate: 100 } as const

describe('the control probe of a run', { concurrency: true }, () => {
  before(prepareHistograms)

  for (const name of ['sse', 'long-poll']) {
    it(`sees what the swarm sees, and is no part of it: ${name}`, async (context) => {
      const transport = transportNamed(name)
      const run = await measure(context, broadcast, () => {}, { transport })
      assert.ok(run.delivery.published >= 100)
      assert.equal(run.probe?.count, run.delivery.published)
      assert.ok(run.probe.p99Us !== null && run.probe.p99Us <= (run.probe.maxUs ?? 0))
      assert.deepEqual([run.clients.requested, run.clients.connected], [CLIENTS, CLIENTS])
      assert.equal(run.delivery.expected, CLIENTS * run.delivery.published)
      assert.equal(run.latency.count, run.delivery.delivered)
      assert.equal(run.clients.openSockets.max, CLIENTS)
      assert.ok((run.clients.held.max ?? Number.NaN) <= CLIENTS)
      assert.ok(!run.validity.reasons.some(({ code }) => code === 'probe-lost'))
    })
  }

  it('is none where every client has its own channel, or nothing is published', async (context) => {
    const runs = await Promise.all([
      measure(context, {}),
      measure(context, { ...broadcast, rate: 0 }),
    ])
    for (const { probe, validity } of runs) {
      assert.equal(probe, null)
      assert.ok(!validity.reasons.some(({ code }) => code.startsWith('probe')))
    }
  })

  it('sits with the last of several instances, and hears each event once', async (context) => {
    const connecting = { backplane: 'memory', namespace: 'probe', routing: 'broadcast' } as const
    const { ports, stop } = await startConnected(2, DEFAULT_SERVER_OPTIONS, connecting)
    context.after(() => stop())
    const targets = ports.map((port) => ownTarget([port]))
    const run = await measure(context, { channels: 3, rate: 50 }, () => {}, { targets })
    // One channel of three.
    const share = (run.probe?.count ?? 0) / run.delivery.published
    assert.ok(Math.abs(share - 1 / 3) < 0.02, `${share}`)
  })
})

/** One by one: each finds its own processes among this one's children. */
describe('the control probe of a run that is disturbed', needsProc, () => {
  before(prepareHistograms)

  it('tells a swarm that is slow from a server that is', async (context) => {
    const hobbled = async (module: string, more: Partial<RunOrder>): Promise<Run> => {
      let release: (() => void) | null = null
      context.after(() => release?.())
      return measure(
        context,
        broadcast,
        ({ phase }) => {
          // Of two workers the probe is the one that was started last.
          if (phase === 'steady') release ??= hobble(Math.min(...childrenOf(module)))
          else if (phase === 'drain') release?.()
        },
        more,
      )
    }
    const lagUs = ({ latency, probe }: Run): number => (latency.p99Us ?? 0) - (probe?.p99Us ?? 0)
    const lowerLagUs = ({ latencyLowerBound, probe }: Run): number =>
      (latencyLowerBound?.p99Us ?? Number.NaN) - (probe?.p99Us ?? 0)

    const slowSwarm = await hobbled('worker-process', {})
    // The swarm knows how late it was; the probe, which was not, agrees with what is left.
    const [reason] = slowSwarm.validity.reasons
    const told = JSON.stringify([slowSwarm.validity, slowSwarm.probe, slowSwarm.lateness])
    assert.ok(['stall', 'starved', 'busy'].includes(reason?.code ?? ''), told)
    assert.ok(lagUs(slowSwarm) > 100_000 && lowerLagUs(slowSwarm) < lagUs(slowSwarm) / 2, told)
    assert.equal(slowSwarm.latency.count, slowSwarm.delivery.expected)

    const instances = await startInstances(1, DEFAULT_SERVER_OPTIONS)
    context.after(() => instances.stop())
    const targets = instances.ports.map((port) => ownTarget([port]))
    const slowServer = await hobbled('server-process', { targets })
    const { p99Us } = slowServer.latency
    assert.ok(p99Us !== null && p99Us > 150_000, `${p99Us} µs`)
    assert.ok(lagUs(slowServer) < lagUs(slowSwarm) / 2, `${lagUs(slowServer)} µs`)
  })

  it('does the run no harm when it is lost', async (context) => {
    let killed = false
    const run = await measure(context, broadcast, ({ phase }) => {
      if (killed || phase !== 'steady') return
      const workers = childrenOf('worker-process')
      assert.equal(workers.length, 2)
      process.kill(Math.max(...workers), 'SIGKILL')
      killed = true
    })
    assert.equal(run.probe, null)
    const reason = run.validity.reasons.find(({ code }) => code === 'probe-lost')
    assert.equal(reason?.severity, 'suspect')
    assert.deepEqual([run.partial, run.clients.lost, run.delivery.lost], [false, 0, 0])
    assert.equal(run.delivery.delivered, CLIENTS * run.delivery.published)
  })
})
