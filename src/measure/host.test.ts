import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  hostUtilisation,
  measureEcho,
  readHostTime,
  readListenDrops,
  readLocalPorts,
} from './host.ts'

describe("the host's processor time", () => {
  it('is a share of the time that went by', () => {
    const before = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(before, { busyMs: 400, totalMs: 2000 }), 0.3)
    assert.equal(hostUtilisation(before, { busyMs: 100, totalMs: 2000 }), 0)
    assert.equal(hostUtilisation(before, { busyMs: 1100, totalMs: 2000 }), 1)
  })

  it('is unknown when no time went by', () => {
    const time = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(time, time), null)
  })

  it('reads a busy part that is no larger than the whole', () => {
    const { busyMs, totalMs } = readHostTime()
    assert.ok(busyMs > 0 && busyMs <= totalMs)
  })
})

describe("the host's local ports", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-ports-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const [text, ports] of [
    ['32768\t60999\n', 28_232],
    ['1024 1024', 1],
    ['', null],
    ['60999 32768', null],
    ['none at all', null],
  ] as const) {
    it(`are ${ports} of ${JSON.stringify(text)}`, () => {
      const file = join(folder, 'range')
      writeFileSync(file, text)
      assert.equal(readLocalPorts(file), ports)
    })
  }

  it('are unknown where nothing tells them', () => {
    assert.equal(readLocalPorts(join(folder, 'missing')), null)
  })
})

describe("the host's listen queues", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-netstat-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const [text, drops] of [
    ['TcpExt: A ListenDrops B\nTcpExt: 1 23 4\nIpExt: ListenDrops\nIpExt: 9\n', 23],
    ['IpExt: ListenDrops\nIpExt: 9\nTcpExt: ListenDrops\nTcpExt: 0\n', 0],
    ['TcpExt: A B\nTcpExt: 1 2\n', null],
    ['TcpExt: A ListenDrops\nTcpExt: 1\n', null],
    ['TcpExt: ListenDrops\n', null],
    ['', null],
  ] as const) {
    it(`dropped ${drops} of ${JSON.stringify(text)}`, () => {
      const file = join(folder, 'netstat')
      writeFileSync(file, text)
      assert.equal(readListenDrops(file), drops)
    })
  }

  it('are unknown where nothing tells them', () => {
    assert.equal(readListenDrops(join(folder, 'missing')), null)
  })

  const needsProc = process.platform === 'linux' ? {} : { skip: 'there is no /proc here' }
  it('are seen to overflow', needsProc, async (context) => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const before = readListenDrops() ?? Number.NaN
    // This process accepts nothing until it has sent all of them.
    const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {})
    context.after(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    for (let waits = 0; readListenDrops() === before && waits < 100; waits++) await sleep(20)
    assert.ok((readListenDrops() ?? 0) > before)
  })
})

test('a bare echo takes time, and CPU time of both its ends', async () => {
  const echo = await measureEcho()
  assert.ok(echo !== null)
  assert.ok(echo.burstUs > 0, `a burst took ${echo.burstUs} µs`)
  assert.ok(echo.cpuUsPerMessage > 0, `a message took ${echo.cpuUsPerMessage} µs of CPU time`)
})

test('where no process can be started there is no echo, and no error', async (context) => {
  const { execPath } = process
  context.after(() => {
    process.execPath = execPath
  })
  process.execPath = '/nonexistent/node'
  assert.equal(await measureEcho(), null)
})

test('an echo that is stopped is none, and leaves no process', async () => {
  assert.equal(await measureEcho(AbortSignal.abort()), null)
  const startedMs = performance.now()
  for (const ms of [20, 150, 400]) {
    assert.equal(await measureEcho(AbortSignal.timeout(ms)), null)
    // A handle closes after the end that it has told.
    await sleep(50)
    assert.ok(!process.getActiveResourcesInfo().includes('ProcessWrap'), `stopped after ${ms} ms`)
  }
  assert.ok(performance.now() - startedMs < 10_000)
})
