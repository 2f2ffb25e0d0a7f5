import assert from 'node:assert/strict'
import { get } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import type { ServerStatistics } from '../server/statistics.ts'
import {
  assertRefused,
  type Command,
  lastOfEach,
  parseResult,
  run,
  start,
} from './command.conformance.ts'

const small = ['--clients', '20', '--duration', '1s', '--warmup', '200ms', '--rate', '10']
const quick = ['run', ...small, '--no-save', '--quiet', '--json', '--allow-invalid']

async function serve(
  context: TestContext,
  args: readonly string[] = [],
): Promise<{ server: Command; url: string; port: string }> {
  const server = start(context, lastOfEach(['serve', '--port', '0', ...args]))
  const [, url = '', port = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:(\d+)):/)
  return { server, url, port }
}

describe('serve', { concurrency: 4 }, () => {
  it('is measured by a run against its URL, twice, each run for itself', async (context) => {
    const { server, url } = await serve(context)
    for (const transport of ['websocket', 'short-poll']) {
      const args = [...quick, '--interval', '100ms', '--url', url, '--transport', transport]
      const { code, stdout, stderr } = await run(context, args)
      assert.deepEqual([code, stderr], [0, ''])
      const [measured] = parseResult(stdout).runs
      const { expected, delivered, lost, duplicates, foreign } = measured?.delivery ?? {}
      assert.ok((expected ?? 0) > 0)
      assert.deepEqual([delivered, lost, duplicates, foreign], [expected, 0, 0, 0])
    }
    server.signal('SIGTERM')
    assert.equal((await server.ended).code, 0)
  })

  const measured = ['run', '--clients', '20', '--json', '--no-save', '--warmup', '100ms']
  for (const transport of ['sse', 'short-poll']) {
    it(`is missed by a run when it is gone: ${transport}`, async (context) => {
      const { server, url } = await serve(context)
      const load = ['--duration', '60s', '--rate', '10', '--interval', '100ms']
      const command = start(context, [...measured, ...load, '--transport', transport, '--url', url])
      await command.says(/steady/)
      server.signal('SIGKILL')
      const { code, stdout, stderr } = await command.ended
      assert.equal(code, 5, stderr)
      const [run] = parseResult(stdout).runs
      const codes = run?.validity.reasons.map(({ code }) => code) ?? []
      assert.ok(codes.includes('server-lost') && !codes.includes('server-silent'), String(codes))
      assert.deepEqual([run?.partial, run?.interrupted], [true, false])
      // Noticed within seconds.
      assert.ok(run !== undefined && run.durationMs < 20_000, `${run?.durationMs} ms`)
      assert.ok((run?.delivery.lost ?? 0) > 0)
    })
  }

  it('is not missed by a run when it comes back', async (context) => {
    const { server, url, port } = await serve(context)
    const load = ['--duration', '8s', '--rate', '10', '--transport', 'sse']
    const command = start(context, [...measured, ...load, '--url', url])
    await command.says(/steady/)
    server.signal('SIGKILL')
    await server.ended
    await serve(context, ['--port', port])
    const { code, stdout, stderr } = await command.ended
    // What was published meanwhile was not taken.
    assert.equal(code, 4, stderr)
    const [run] = parseResult(stdout).runs
    assert.equal(run?.partial, false)
    assert.ok(!run.validity.reasons.some(({ code }) => code === 'server-lost'))
  })

  it('wants its token', async (context) => {
    const { server, url } = await serve(context, ['--token', 'open-sesame'])
    const args = [...quick, '--url', url, '--transport', 'sse,long-poll']
    assertRefused(await run(context, args), 1, /wants a token; give it by --token or RTBENCH_TOKEN/)
    assertRefused(await run(context, [...args, '--token', 'wrong']), 1, /wants a token/)
    const { code, stdout } = await run(context, args, { RTBENCH_TOKEN: 'open-sesame' })
    assert.equal(code, 0)
    for (const { delivery, clients } of parseResult(stdout).runs) {
      assert.equal(clients.connected, 20)
      assert.equal(delivery.lost, 0)
    }
    assert.ok(!stdout.includes('open-sesame'), 'the result tells the token')
    server.signal('SIGINT')
    assert.equal((await server.ended).code, 0)
  })

  it('says what it serves, and where, also by IPv6', async (context) => {
    const { server } = await serve(context)
    const [, routes = ''] = await server.says(/serves on [^ ]+: (.*)\n/)
    const expected = ['GET /poll', 'GET /long-poll', 'GET /sse', 'upgrade /ws', 'POST /publish']
    for (const route of expected) assert.ok(routes.split(', ').includes(route), route)
    if (networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') !== true) return
    const second = start(context, ['serve', '--port', '0', '--host', '::1'])
    const [, url = ''] = await second.says(/serves on (http:[^ ]+): /)
    assert.equal(new URL(url).hostname, '[::1]')
  })

  it('speaks TLS and HTTP/2, and is trusted by who says so', async (context) => {
    const server = start(context, ['serve', '--port', '0', '--tls'])
    const [, url = ''] = await server.says(/serves on (https:\/\/127\.0\.0\.1:\d+): /)
    const args = [...quick, '--url', url, '--transport', 'sse']
    const refused = await run(context, args)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^[^\n]*authority that is not known here \(rtbench\)[^\n]*\n$/)
    const shared = ['--http', '2', '--streams-per-connection', '10']
    for (const [more, sockets] of [
      [[], 20],
      [shared, 2],
    ] as const) {
      const { code, stdout, stderr } = await run(context, [...args, '--insecure', ...more])
      assert.deepEqual([code, stderr], [0, ''])
      const [measured] = parseResult(stdout).runs
      const { expected, delivered } = measured?.delivery ?? {}
      assert.ok((expected ?? 0) > 0)
      assert.equal(delivered, expected)
      assert.equal(measured?.clients.openSockets.max, sockets)
      assert.deepEqual(
        [measured?.connect.tls?.protocol, measured?.connect.tls?.full],
        ['TLSv1.3', sockets],
      )
    }
    const half = await run(context, ['serve', '--cert', 'x.pem'])
    assert.equal(half.code, 2)
    assert.match(half.stderr, /--cert: is one half; expected --key, too\n$/)
  })

  it('misbehaves on purpose by --fault, and says how, when and how often', async (context) => {
    const fault = ['--fault', 'duplicate=1/10,delay=5ms/10%', '--seed', '7']
    const { server, url } = await serve(context, fault)
    await server.says(/misbehaves on purpose: delay=5ms\/10%,duplicate=10%; seed 7\n/)
    const args = [...quick, '--warmup', '1ms', '--url', url, '--transport', 'sse']
    const { code, stdout } = await run(context, lastOfEach(args))
    assert.equal(code, 0)
    const [measured] = parseResult(stdout).runs
    const { faults } = (await (await fetch(`${url}/stats`)).json()) as ServerStatistics
    const { lost, duplicates, outOfOrder } = measured?.delivery ?? {}
    assert.ok(faults !== null && faults.duplicated > 5 && faults.delayed > 5)
    assert.deepEqual([lost, outOfOrder], [0, 0])
    // What comes in the warm-up is not audited.
    assert.ok((duplicates ?? 0) > 5 && (duplicates ?? 0) <= faults.duplicated)
  })

  it('draws and tells a seed where none is given, and refuses a fault that it does not know', async (context) => {
    const { server } = await serve(context, ['--fault', 'drop=1/1000'])
    await server.says(/misbehaves on purpose: drop=0\.1%; seed \d+\n/)
    const refused = await run(context, ['serve', '--port', '0', '--fault', 'dorp=1/1000'])
    assertRefused(refused, 2, /--fault: "dorp=1\/1000" is no fault, did you mean drop\?; expected/)
  })

  it('does not warn of localhost', async (context) => {
    const server = start(context, ['serve', '--port', '0', '--host', 'localhost'])
    await server.says(/serves on/)
    server.signal('SIGTERM')
    assert.doesNotMatch((await server.ended).stderr, /anybody/)
  })

  it('says in one line that its port is taken', async (context) => {
    const { port } = await serve(context)
    const second = await run(context, ['serve', '--port', port])
    assertRefused(
      second,
      1,
      /cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\); choose another --port/,
    )
  })

  it('drains at SIGTERM: what is held is let go, and it exits 0', async (context) => {
    const { server, url, port } = await serve(context)
    const stream = new Promise<string>((resolve) => {
      get(`${url}/sse?channel=a`, (response) => {
        server.signal('SIGTERM')
        response
          .resume()
          .once('end', () => resolve('ended'))
          .once('error', () => resolve('cut'))
      })
    })
    assert.equal(await stream, 'ended')
    const { code, stdout } = await server.ended
    assert.deepEqual([code, stdout], [0, ''])
    const refused = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => resolve('connected'))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
    assert.equal(refused, 'ECONNREFUSED')
  })
})
