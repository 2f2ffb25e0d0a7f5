/** Runs that are disrupted on purpose: who notices, who comes back, and what is lost. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../result/document.ts'
import {
  assertRefused,
  lastOfEach,
  needsProc,
  parseResult,
  run,
  start,
} from './command.conformance.ts'

/** 12 clients on 4 channels. */
const LOAD = [
  ...['run', '--clients', '12', '--channels', '4', '--rate', '10', '--arrivals', 'constant'],
  ...['--duration', '5s', '--warmup', '300ms', '--interval', '200ms'],
  ...['--json', '--no-save', '--allow-invalid', '--seed', '7'],
]

/** The server is heard of five times in a second. */
const HEARTBEAT = ['--heartbeat', '200ms']

async function disrupted(
  context: TestContext,
  code: number,
  ...args: readonly string[]
): Promise<readonly Run[]> {
  const ended = await run(context, [...LOAD, ...HEARTBEAT, '--quiet', ...args])
  assert.equal(ended.code, code, ended.stderr)
  return parseResult(ended.stdout).runs
}

function the(one: Run) {
  const [told, ...others] = one.disruptions ?? []
  assert.ok(told !== undefined && others.length === 0)
  assert.equal(told.problem, null)
  return told
}

function assertWhole({ delivery, transport, validity }: Run): void {
  const { expected, delivered, lost, duplicates, outOfOrder, gapped } = delivery
  assert.ok(expected > 0)
  assert.deepEqual(
    [delivered, lost, duplicates, outOfOrder, gapped],
    [expected, 0, 0, 0, 0],
    `${transport}: ${JSON.stringify(validity.reasons)}`,
  )
}

/** Through what connections go silent: as the run does it here, and by a forwarder where it may not. */
const MEANS = [
  { means: 'nftables', environment: {} },
  { means: 'forwarder', environment: { PATH: '/nowhere' } },
] as const

const hasNamespaces =
  spawnSync('unshare', ['--net', 'sh', '-c', 'nft add table inet rtbench'], { stdio: 'ignore' })
    .status === 0

describe('a run that is disrupted', { concurrency: 2 }, () => {
  it('a third of the connections is reset: each client knows at once, and nothing is lost', async (context) => {
    const runs = await disrupted(context, 0, '--transport', 'all', '--disrupt', 'cut=33.4%@1s')
    assert.equal(runs.length, 4)
    for (const one of runs) {
      assertWhole(one)
      const told = the(one)
      assert.deepEqual([told.kind, told.hit, told.instance], ['cut', 4, null])
      assert.ok(told.fromMs !== null && told.fromMs >= 1_000 && told.fromMs < 3_000)
      // A poller may be between two questions, and asks the next one on another connection.
      if (one.technique.traits.keepsInterval) continue
      assert.deepEqual(told.causes, { ECONNRESET: 4 })
      assert.deepEqual([told.noticed.count, told.back.count], [4, 4])
      assert.ok((told.back.maxUs ?? 0) >= (told.noticed.maxUs ?? 0))
      assert.ok(told.attempts >= 4)
      const marked = one.timeline.filter(({ disruptions = [] }) => disruptions.length > 0)
      assert.deepEqual(
        marked.map(({ disruptions }) => disruptions),
        [['cut=33.4%@1s']],
      )
    }
  })

  it('what is cut by the seed is the same the next time, and fin ends it in order', async (context) => {
    const args = ['--transport', 'websocket', '--disrupt', 'cut=50%/fin@1s']
    const [one] = await disrupted(context, 0, ...args)
    assert.ok(one !== undefined)
    assertWhole(one)
    assert.deepEqual(the(one).causes, { closed: 6 })
  })

  it('an instance of three is killed and comes back: its clients do, too', async (context) => {
    const args = ['--instances', '3', '--transport', 'long-poll,sse,websocket']
    const runs = await disrupted(context, 0, ...args, '--disrupt', 'kill-instance=500ms@1s')
    for (const one of runs) {
      assertWhole(one)
      const told = the(one)
      assert.equal(told.hit, 4)
      assert.deepEqual([told.noticed.count, told.back.count], [4, 4])
      assert.ok((told.toMs ?? 0) - (told.fromMs ?? 0) >= 500)
      assert.equal(one.partial, false)
      // What it had not acknowledged is owed to nobody.
      const { reasons } = one.validity
      assert.ok(!reasons.some(({ code }) => ['server-lost', 'accounting'].includes(code)))
    }
  })

  it('an instance alone loses its log with its life, and says so to each client that resumes', async (context) => {
    const args = ['--transport', 'sse,websocket,long-poll', '--disrupt', 'kill-instance=300ms@2s']
    for (const one of await disrupted(context, 0, ...args)) {
      const { delivery } = one
      assert.equal(delivery.lost, 0, JSON.stringify(one.validity.reasons))
      assert.equal(delivery.expected, delivery.delivered + (delivery.gapped ?? 0))
      assert.ok(delivery.gapSignals >= 12, `${one.transport}: ${delivery.gapSignals}`)
    }
  })

  for (const { means, environment } of MEANS) {
    const canBe = means === 'forwarder' || hasNamespaces
    const skip = canBe ? {} : { skip: 'no network namespace with nftables can be made here' }
    const how = `through ${means}`
    const args = ['--transport', 'sse,websocket', '--disrupt', 'blackhole=33.4%@1s']

    it(
      `half-open connections are found by all, and nothing is lost, ${how}`,
      skip,
      async (context) => {
        // A server that is starved for as long as a heartbeat takes its clients for gone.
        const paced = [...LOAD, '--heartbeat', '500ms', '--quiet', ...args]
        const ended = await run(context, paced, environment)
        assert.equal(ended.code, 0, ended.stderr)
        const { runs } = parseResult(ended.stdout)
        assert.equal(runs.length, 2)
        for (const one of runs) {
          assertWhole(one)
          assert.equal(one.blackhole?.means, means)
          const told = the(one)
          assert.equal(told.hit, 4)
          assert.deepEqual(told.causes, { silent: 4 })
          assert.deepEqual([told.noticed.count, told.back.count], [4, 4])
          assert.deepEqual(one.liveness, { silenceMs: 1_250, silent: 4 })
          // After 2.5 heartbeats; before 3 where nobody else wants the machine.
          const lastMs = (told.noticed.maxUs ?? 0) / 1e3
          assert.ok(lastMs > 700 && lastMs < 3_750, `${lastMs} ms`)
        }
      },
    )

    it(
      `without liveness nobody notices, and what was sent is lost, ${how}`,
      skip,
      async (context) => {
        const off = [...args, '--heartbeat', '10s', '--liveness', 'off']
        const ended = await run(context, [...LOAD, '--quiet', ...off], environment)
        assert.equal(ended.code, 5, ended.stderr)
        for (const one of parseResult(ended.stdout).runs) {
          const { delivery, disruptions = [], errors, liveness, partial, validity } = one
          assert.ok(delivery.lost > 50, `${delivery.lost}`)
          assert.deepEqual([disruptions[0]?.noticed.count, errors, partial], [0, {}, true])
          assert.deepEqual(liveness, { silenceMs: null, silent: 0 })
          const reason = validity.reasons.find(({ code }) => code === 'disrupted-lost')
          assert.match(reason?.message ?? '', /lost for good, and no gap was declared for them/)
        }
      },
    )
  }

  it('an instance that stands still is left by its clients, and goes on', async (context) => {
    const args = ['--instances', '2', '--transport', 'sse,websocket']
    const runs = await disrupted(context, 0, ...args, '--disrupt', 'stop-instance=1500ms@1s')
    for (const one of runs) {
      assertWhole(one)
      const told = the(one)
      assert.deepEqual([told.hit, told.causes['silent']], [6, 6], JSON.stringify(told))
      assert.equal(told.back.count, 6)
    }
  })

  it('an instance asks its clients to leave, and they come back without loss', async (context) => {
    const args = ['--transport', 'all', '--disrupt', 'drain=500ms@1s']
    for (const one of await disrupted(context, 0, ...args)) {
      assertWhole(one)
      const told = the(one)
      if (!one.technique.traits.keepsInterval && one.transport !== 'long-poll') {
        assert.equal(told.noticed.count, 12, JSON.stringify(told))
        assert.equal(told.back.count, 12)
        const cause = one.transport === 'websocket' ? 'ws-close-1001' : 'closed'
        assert.deepEqual(Object.keys(told.causes), [cause])
      }
    }
  })

  it('the bus is killed, and an instance is parted from it', async (context) => {
    const three = ['--instances', '3', '--transport', 'sse']
    const args = [...LOAD, '--quiet', ...three, '--disrupt', 'restart-backplane@2s']
    const { code, stdout, stderr } = await run(context, args)
    const [killed] = parseResult(stdout).runs
    assert.ok(killed !== undefined)
    const { delivery, bus } = killed
    assert.equal(delivery.expected, delivery.delivered + delivery.lost + (delivery.gapped ?? 0))
    assert.equal(bus?.restarts, 1)
    // What the bus alone had when it was killed nobody has any more.
    assert.equal(code, delivery.lost > 0 ? 5 : 0, stderr)
    const [parted] = await disrupted(context, 0, ...three, '--disrupt', 'partition=1s@1s')
    assert.ok(parted !== undefined)
    assert.deepEqual([parted.delivery.lost, parted.delivery.duplicates], [0, 0])
    assert.equal(the(parted).kind, 'partition')
    // What it was to get meanwhile came when it was joined again.
    assert.ok((parted.latency.maxUs ?? 0) > 500_000, `${parted.latency.maxUs} µs`)
  })

  for (const [disruption, module] of [
    ['stop-instance=1m@500ms', 'server-process'],
    ['blackhole=50%@500ms', 'worker-process'],
    ['partition=1m@500ms', 'forwarder-process'],
  ] as const) {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      it(
        `nothing is left of it after ${signal} during ${disruption}`,
        needsProc,
        async (context) => {
          const long = [...LOAD, '--duration', '60s', '--instances', '2', '--transport', 'sse']
          const command = start(context, lastOfEach([...long, '--disrupt', disruption]))
          await command.says(/steady/)
          await command.processes(module)
          await sleep(1_500)
          command.signal(signal)
          await command.ended
          await command.gone()
          assert.doesNotMatch(
            spawnSync('nft', ['list', 'tables']).stdout?.toString() ?? '',
            /rtbench/,
          )
        },
      )
    }
  }

  it('what cannot be done is refused in a line, before any load', async (context) => {
    for (const [args, problem] of [
      [['--disrupt', 'kut=30%@1s'], /--disrupt: "kut=30%@1s" is no disruption, did you mean cut\?/],
      [['--disrupt', 'cut=30%'], /does not say when, as in cut=30%@10s/],
      [['--disrupt', 'cut=30%@9s'], /begins after the window of 5s/],
      [['--disrupt', 'partition=1s@1s', '--instances', '1'], /and there is none/],
      [
        ['--disrupt', 'kill-instance@1s', '--url', 'http://127.0.0.1:1'],
        /started by somebody else/,
      ],
      [
        [
          '--disrupt',
          'restart-backplane@1s',
          '--instances',
          '2',
          '--backplane',
          'redis://127.0.0.1',
        ],
        /somebody else's to restart; expected backplane memory/,
      ],
      [['--disrupt', 'cut=30%@1s', '--engine', 'library'], /expected lean/],
      [['--heartbeat', '1s', '--url', 'http://127.0.0.1:1'], /rtbench serve --heartbeat/],
    ] as const) {
      assertRefused(await run(context, ['run', '--duration', '5s', ...args]), 2, problem)
    }
  })
})
