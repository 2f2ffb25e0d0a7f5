/** Clients that speak, on real sockets: what the audit says of them, and what their way up takes. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { ownTarget } from '../experiment/plan.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../server/reference-server.ts'
import { transportNamed, transports } from '../transports/registry.ts'
import { TcpProxy } from '../transports/tcp-proxy.conformance.ts'
import { folder, parseResult, run } from './command.conformance.ts'
import { CLIENTS, measure } from './measured-run.conformance.ts'
import { root } from './root.conformance.ts'

const MEMBERS = 5
const CHAT: Partial<Scenario> = {
  workload: 'chat',
  channels: CLIENTS / MEMBERS,
  sendRate: 4,
  rate: 4 * MEMBERS,
  arrivals: 'poisson',
  warmupMs: 1_200,
  intervalMs: 100,
  workers: 2,
}

function chatOf({ chat }: Run): NonNullable<Run['chat']> {
  return chat ?? assert.fail('there is no chat in the run')
}

/** Every acknowledged message came to each member once, in its sender's order. */
function assertExact({ delivery, validity, ...run }: Run): void {
  const { expected, delivered, lost, duplicates, outOfOrder, misrouted, forged, reach } = delivery
  assert.deepEqual([lost, duplicates, outOfOrder, misrouted, forged, reach], [0, 0, 0, 0, 0, 1])
  const { sent, acknowledged, refused, unknown } = chatOf({ delivery, validity, ...run })
  assert.ok(sent > 0)
  assert.deepEqual([acknowledged, refused, unknown], [sent, 0, 0])
  assert.deepEqual([expected, delivered], [sent * MEMBERS, sent * MEMBERS])
  assert.ok(!validity.reasons.some(({ code }) => code === 'accounting'))
}

describe('a chat', { concurrency: 2 }, () => {
  before(prepareHistograms)

  for (const transport of transports) {
    it(`over ${transport.name}: once to each member; and the way up costs ${transport.traits.bidirectional ? 'no request' : 'one request a message'}`, async (context) => {
      const run = await measure(context, CHAT, undefined, { transport, workers: 2 })
      assertExact(run)
      const { sent, acknowledgement, acknowledgementLowerBound, echo, up } = chatOf(run)
      const isOwn = transport.traits.bidirectional
      assert.equal(up.requestsPerMessage, isOwn ? 0 : 1)
      assert.ok(up.messages > 0 && up.requests === (isOwn ? 0 : up.messages))
      assert.deepEqual([acknowledgement.count, acknowledgementLowerBound.count], [sent, sent])
      assert.equal(echo.count, sent)
      assert.ok((acknowledgementLowerBound.p50Us ?? 0) <= (acknowledgement.p50Us ?? 0))
      assert.equal(run.clients.openSockets.max, isOwn ? CLIENTS : 2 * CLIENTS)
      // A payload and its framing; nothing of it is told of the way down.
      assert.ok((up.bytesSentPerMessage ?? 0) > 128 && (up.bytesSentPerMessage ?? 0) < 512)
      assert.ok((up.bytesReceivedPerMessage ?? 0) > 0)
      if (!transport.hasExchanges) assert.deepEqual(run.exchanges.requests, 0)
      assert.ok(
        run.wire.bytesSent < sent * 128 || transport.hasExchanges,
        `${run.wire.bytesSent} bytes sent on the way down`,
      )
    })
  }

  it('of a server that loses and repeats is told so, for whole rooms', async (context) => {
    const faults = { seed: 1, drop: 1 / 10, duplicate: 1 / 10, swap: 0, delay: { ms: 0, share: 0 } }
    const { delivery, chat } = await measureOn(context, faults)
    assert.ok(delivery.lost > 0 && delivery.lost % MEMBERS === 0, `${delivery.lost} lost`)
    assert.ok(delivery.duplicates > 0 && delivery.duplicates % MEMBERS === 0)
    assert.equal(delivery.expected, delivery.delivered + delivery.lost)
    assert.equal(chat?.acknowledged, chat?.sent)
  })

  for (const name of ['websocket', 'sse']) {
    it(`over ${name} whose connections are cut owes what was acknowledged, and nothing else`, async (context) => {
      const server = await startServer(DEFAULT_SERVER_OPTIONS)
      context.after(() => server.drain())
      const proxy = await TcpProxy.start(server.port)
      context.after(() => proxy.close())
      let isCut = false
      const { delivery, validity, chat, errors } = await measure(
        context,
        { ...CHAT, durationMs: 2_500 },
        ({ phase }) => {
          if (phase !== 'steady' || isCut) return
          isCut = true
          // Messages go in, and nobody hears that they were taken.
          setTimeout(() => proxy.withhold(), 500)
          setTimeout(() => {
            proxy.cut()
            proxy.release()
          }, 800)
        },
        { transport: transportNamed(name), targets: [ownTarget([proxy.port])] },
      )
      const { sent = 0, acknowledged = 0, refused = 0, unknown = 0 } = chat ?? {}
      assert.ok(acknowledged > 0 && unknown > 0, `${acknowledged} acknowledged, ${unknown} unknown`)
      assert.equal(acknowledged + refused + unknown, sent)
      const { lost, duplicates, outOfOrder, forged, expected, delivered } = delivery
      assert.deepEqual([lost, duplicates, outOfOrder, forged], [0, 0, 0, 0])
      assert.equal(expected, delivered)
      assert.ok(delivered >= acknowledged * MEMBERS && delivered <= sent * MEMBERS)
      assert.ok(Object.keys(errors).length > 0)
      assert.ok(!validity.reasons.some(({ code }) => code === 'accounting'))
    })
  }

  it('is told of its part when it was stopped in its window', async (context) => {
    const run = await measure(
      context,
      { ...CHAT, durationMs: 30_000 },
      ({ phase, phaseElapsedMs }, stop) => {
        if (phase === 'steady' && phaseElapsedMs > 900) stop()
      },
    )
    assert.ok(run.interrupted && run.durationMs < 15_000)
    assertExact(run)
  })

  it('is what scenarios/chat.yaml measures', async (context) => {
    const scenario = join(root, 'scenarios', 'chat.yaml')
    const small = ['--clients', '60', '--channels', '6', '--duration', '1s', '--warmup', '900ms']
    const { code, stdout, stderr } = await run(
      context,
      ['run', scenario, ...small, '--send-rate', '2', '--json', '--allow-invalid'],
      { RTBENCH_OUT: folder },
    )
    assert.equal(code, 0, stderr)
    const { runs, scenario: kept } = parseResult(stdout)
    assert.deepEqual(
      runs.map(({ transport, chat }) => [transport, chat?.up.requestsPerMessage]),
      transports.map(({ name, traits }) => [name, traits.bidirectional ? 0 : 1]),
    )
    assert.deepEqual([kept.workload, kept.sendRate, kept.rate], ['chat', 2, 20])
    // The same messages on every technique.
    assert.equal(new Set(runs.map(({ chat }) => chat?.sent)).size, 1)
  })

  it('over three instances comes to every member by their bus, and without one to those of an instance', async (context) => {
    const small = ['--clients', '60', '--channels', '10', '--instances', '3', '--send-rate', '2']
    const chat = ['run', '--workload', 'chat', ...small, '--duration', '1s', '--warmup', '900ms']
    const runsOf = async (...more: readonly string[]): Promise<readonly Run[]> => {
      const { code, stdout, stderr } = await run(
        context,
        [...chat, ...more, '--json', '--allow-invalid', '--no-save', '--interval', '100ms'],
        {},
      )
      assert.equal(code, 0, stderr)
      return parseResult(stdout).runs
    }
    for (const { transport, delivery, chat } of await runsOf()) {
      const { lost, duplicates, outOfOrder, expected, reach } = delivery
      assert.deepEqual([lost, duplicates, outOfOrder, reach], [0, 0, 0, 1], transport)
      assert.ok(chat !== undefined && chat.sent > 0)
      assert.deepEqual([chat.acknowledged, expected], [chat.sent, chat.sent * 6])
      const isOwn = transportNamed(transport).traits.bidirectional
      assert.equal(chat.up.requestsPerMessage, isOwn ? 0 : 1)
    }
    const [alone] = await runsOf('--transport', 'websocket', '--backplane', 'none')
    // Two of a room's six are on one instance.
    assert.equal(Math.round((alone?.delivery.reach ?? 0) * 3e6), 1e6)
  })

  it('is refused in one line where it cannot be', async (context) => {
    for (const [args, line] of [
      [['--send-rate', '1'], /^rtbench: --send-rate: .*expected workload: chat, or rate$/],
      [['--workload', 'chat', '--rate', '3'], /^rtbench: --rate: .*expected sendRate/],
      [['--workload', 'chat', '--engine', 'library'], /^rtbench: --engine: .*expected lean/],
      [['--workload', 'chat', '--send-rate', '0'], /^rtbench: --send-rate: 0 is not above 0/],
    ] as const) {
      const { code, stderr } = await run(context, ['run', ...args])
      assert.ok(code === 2 || code === 1, `${code}`)
      assert.match(stderr.trimEnd(), line)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    }
  })
})

type Faults = NonNullable<(typeof DEFAULT_SERVER_OPTIONS)['faults']>

async function measureOn(context: TestContext, faults: Faults): Promise<Run> {
  const server = await startServer({ ...DEFAULT_SERVER_OPTIONS, faults })
  context.after(() => server.drain())
  const transport = transportNamed('websocket')
  return measure(context, CHAT, undefined, { transport, targets: [ownTarget([server.port])] })
}
