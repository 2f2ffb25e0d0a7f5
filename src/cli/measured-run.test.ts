import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { before, describe, it, type TestContext } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import type { Progress } from '../swarm/progress.ts'
import type { RunOrder } from '../swarm/run-order.ts'
import { transportNamed } from '../transports/registry.ts'

const CLIENTS = 20
const RATE = 20

const scenario: Scenario = {
  name: 'test',
  description: '',
  transports: ['sse'],
  clients: CLIENTS,
  durationMs: 1_500,
  warmupMs: 100,
  rampUpMs: null,
  channels: 'per-client',
  rate: RATE,
  arrivals: 'constant',
  payloadBytes: 128,
  intervalMs: 1_000,
  holdMs: 30_000,
  engine: 'lean',
  instances: 1,
  workers: 1,
  backplane: 'memory',
  url: null,
  repeat: 1,
  thresholds: [],
  seed: 1,
}

/** Measures a run against a server in this process. */
async function measure(
  context: TestContext,
  changes: Partial<Scenario>,
  onProgress: (progress: Progress, stop: () => void) => void,
  more: Partial<RunOrder> = {},
): Promise<Run> {
  const server = await startServer(DEFAULT_SERVER_OPTIONS)
  context.after(() => server.drain())
  const controller = new AbortController()
  return measureRun({
    transport: transportNamed('sse'),
    scenario: { ...scenario, ...changes },
    repetition: 1,
    targets: [
      {
        host: '127.0.0.1',
        port: server.port,
        secure: false,
        authority: `127.0.0.1:${server.port}`,
        basePath: '',
        token: null,
      },
    ],
    workers: 1,
    sharedWithServer: true,
    signal: controller.signal,
    onProgress: (progress) => onProgress(progress, () => controller.abort()),
    onServerLost: () => {},
    ...more,
  })
}

function interruptionOf({ validity }: Run): string | undefined {
  return validity.reasons.find(({ code }) => code === 'interrupted')?.message
}

/** The processes of this one that run a module. */
function childrenOf(module: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1]
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return parent === String(process.pid) && command.includes(module)
      } catch {
        return false
      }
    })
    .map(Number)
}

describe('a measured run', () => {
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

  const needsProc = process.platform === 'linux' ? {} : { skip: 'there is no /proc here' }
  it(
    'expects all that was published for the clients of a lost worker',
    needsProc,
    async (context) => {
      let killed = false
      const run = await measure(
        context,
        { durationMs: 2_500 },
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
