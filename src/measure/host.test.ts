import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostUtilisation, measureEcho, readHostTime, readLocalPorts } from './host.ts'

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
