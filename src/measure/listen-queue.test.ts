import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { QueueWatch, readListenCounters, readListenQueue, readQueueLimit } from './listen-queue.ts'

describe('accept queues', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-queues-'))
  const file = join(folder, 'table')
  const missing = join(folder, 'missing')
  after(() => rmSync(folder, { recursive: true }))

  for (const [text, expected] of [
    [
      'TcpExt: ListenOverflows A ListenDrops\nTcpExt: 1 5 23\nIpExt: ListenDrops\nIpExt: 9\n',
      [1, 23],
    ],
    [
      'IpExt: ListenDrops\nIpExt: 9\nTcpExt: X ListenDrops ListenOverflows\nTcpExt: 7 0 0\n',
      [0, 0],
    ],
    ['TcpExt: A ListenDrops\nTcpExt: 1 2\n', null],
    ['TcpExt: A ListenOverflows ListenDrops\nTcpExt: 1 2\n', null],
    ['', null],
  ] as const) {
    it(`counters of ${JSON.stringify(text)}: ${expected ?? 'unknown'}`, () => {
      writeFileSync(file, text)
      const [overflows, drops] = expected ?? []
      assert.deepEqual(readListenCounters(file), expected === null ? null : { overflows, drops })
    })
  }

  it('are unknown where nothing tells them', () => {
    assert.equal(readListenCounters(missing), null)
    assert.equal(readQueueLimit(missing), null)
    assert.equal(readListenQueue(new Set([80]), [missing]), null)
    writeFileSync(file, 'many\n')
    assert.equal(readQueueLimit(file), null)
  })

  it('are the last column of those who listen, up to the first socket that does not', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n'
    const row = (at: number, port: number, state: string, queue: number): string =>
      `  ${at}: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:${queue.toString(16).toUpperCase().padStart(8, '0')} 00:00000000\n`
    const rows = [row(0, 80, '0A', 300), row(1, 8080, '0A', 7), row(2, 9, '0A', 999)]
    writeFileSync(file, head + rows.join('') + row(3, 80, '01', 5_000))
    assert.equal(readListenQueue(new Set([80, 8080]), [file]), 300)
    assert.equal(readListenQueue(new Set([8080]), [file, missing]), 7)
    assert.equal(readListenQueue(new Set([1]), [file]), 0)
  })

  const needsProc = process.platform === 'linux' ? {} : { skip: 'there is no /proc here' }
  it('are seen to fill and to overflow', needsProc, async (context) => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 4 })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const before = readListenCounters()
    const watch = new QueueWatch([port])
    // This process accepts nothing until it has sent all of them.
    const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {})
    context.after(() => {
      watch.stop()
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    await new Promise<void>((resolve) => process.nextTick(resolve))
    // Linux lets one more in than was asked for.
    const queued = (): number => readListenQueue(new Set([port])) ?? 0
    const end = performance.now() + 5_000
    while (queued() < 5 && performance.now() < end);
    assert.equal(queued(), 5)
    const overflows = (): number =>
      (readListenCounters()?.overflows ?? 0) - (before?.overflows ?? 0)
    const isSeen = (): boolean => overflows() > 0 && watch.reading !== null
    for (let waits = 0; !isSeen() && waits < 100; waits++) await sleep(20)
    assert.ok(overflows() > 0)
    const reading = watch.reading
    assert.ok(reading !== null && reading.samples > 0 && (reading.counters?.overflows ?? 0) > 0)
    assert.ok((reading.limit ?? 0) > 0 && reading.longestGapMs >= 0)
    for (const [, queue] of reading.waiting) assert.ok(queue > 0 && queue <= 5)
  })
})
