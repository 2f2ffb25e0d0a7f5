import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { measureEcho } from './echo.ts'

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
