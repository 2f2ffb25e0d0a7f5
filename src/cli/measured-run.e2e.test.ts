import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { before, describe, it } from 'node:test'
import { ownTarget } from '../experiment/plan.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import { needsProc } from './command.conformance.ts'
import { CLIENTS, childrenOf, measure, RATE } from './measured-run.conformance.ts'

function interruptionOf({ validity }: Run): string | undefined {
  return validity.reasons.find(({ code }) => code === 'interrupted')?.message
}

describe('a measured run', { concurrency: true }, () => {
  before(prepareHistograms)

  it('books every second, its ends included, and tells of the clients in all phases', async (context) => {
    const warm: number[] = []
    const run = await measure(context, { warmupMs: 2_500 }, ({ phase, connected }) => {
      if (phase === 'warm-up') warm.push(connected)
    })
    assert.ok(warm.length >= 2 && warm.at(-1) === CLIENTS, `${warm}`)
    assert.equal(run.timeline.length, 2)
    for (const { held, generatorCpuUtilisation, serverCpuUtilisation } of run.timeline) {
      assert.equal(held, CLIENTS)
      assert.ok(generatorCpuUtilisation !== null && serverCpuUtilisation !== null)
    }
    const booked = run.timeline.reduce((sum, { deliveries }) => sum + deliveries, 0)
    assert.equal(booked, Math.round(run.throughput.deliveriesPerSecond * 1.5))
    assert.equal(run.interrupted, false)
  })

  it('says that it has no figures when it was stopped before its window', async (context) => {
    const run = await measure(context, { warmupMs: 30_000 }, ({ phase }, stop) => {
      if (phase === 'warm-up') stop()
    })
    assert.deepEqual([run.interrupted, run.durationMs], [true, 0])
    assert.match(interruptionOf(run) ?? '', /nothing was measured/)
  })

  it('says that its figures are of a part when it was stopped in its window', async (context) => {
    const run = await measure(
      context,
      { durationMs: 30_000 },
      ({ phase, phaseElapsedMs }, stop) => {
        if (phase === 'steady' && phaseElapsedMs > 300) stop()
      },
    )
    assert.ok(run.interrupted && run.durationMs > 300 && run.durationMs < 10_000)
    assert.match(interruptionOf(run) ?? '', /of its part/)
  })

  it('is whole when it was stopped after its window and nothing is owed', async (context) => {
    const run = await measure(context, {}, ({ phase }, stop) => {
      if (phase === 'drain') stop()
    })
    assert.deepEqual([run.delivery.lost, run.interrupted, run.partial], [0, false, false])
    assert.equal(interruptionOf(run), undefined)
  })

  it('does not take a described server for lost that ends every stream', async (context) => {
    const server = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/event-stream').end(':\n\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const targets = [{ ...ownTarget([port]), endpoint: { path: '/{channel}' } }]
    const run = await measure(context, { rate: 0 }, () => {}, { targets })
    assert.ok((run.errors['closed'] ?? 0) >= CLIENTS)
    assert.equal(run.partial, false)
  })

  it('has parts of the mean latency that add up to it', async (context) => {
    let { latency, spent } = await measure(context, {})
    // A pause of the machine between two readings of an edge leaves them unknown.
    for (let attempt = 1; attempt < 3 && spent === null; attempt++) {
      const again = await measure(context, {})
      latency = again.latency
      spent = again.spent
    }
    assert.ok(spent)
    const parts = [spent.slipUs, spent.acceptUs, spent.fanOutUs, spent.readUs]
    const sum = parts.reduce((total, part) => total + part, 0)
    assert.ok(Math.abs(sum - (latency.meanUs ?? 0)) <= 0.3, `${parts} of ${latency.meanUs}`)
    assert.ok(
      parts.every((part) => part > 0),
      `${parts}`,
    )
  })
})

/** One by one: what they look at is the whole process's, its signals and its children. */
describe('a measured run by itself', () => {
  before(prepareHistograms)

  it('leaves no listener at a signal that outlives it', async (context) => {
    const { mock } = context.mock.method(AbortSignal, 'any')
    await measure(context, { durationMs: 200 })
    const followers = mock.calls.flatMap(({ result }) => result ?? [])
    assert.ok(followers.length > 0)
    for (const signal of followers) assert.deepEqual(getEventListeners(signal, 'abort'), [])
  })

  it(
    'expects all that was published for the clients of a lost worker',
    needsProc,
    async (context) => {
      let killed = false
      const run = await measure(
        context,
        { durationMs: 3_000 },
        ({ phase, phaseElapsedMs }) => {
          if (killed || phase !== 'steady' || phaseElapsedMs < 300) return
          const [worker] = childrenOf('worker-process')
          assert.ok(worker)
          process.kill(worker, 'SIGKILL')
          killed = true
        },
        { workers: 2 },
      )
      assert.deepEqual([run.clients.lost, run.partial], [CLIENTS / 2, true])
      assert.equal(run.delivery.expected, run.delivery.published)
      assert.ok(run.delivery.lost > 0 && (run.delivery.reach ?? 1) < 1)
      assert.ok(run.throughput.deliveriesPerSecond < 0.9 * CLIENTS * RATE)
    },
  )
})
