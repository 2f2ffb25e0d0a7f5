import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { type ServeOptions, serverOptions } from './serve-options.ts'

test('reads what is within bounds', () => {
  const { host, port, logSize, limits } = serverOptions(
    { host: '::1', port: '0', logSize: '4M', hold: '10m', heartbeat: '100ms' },
    {},
  )
  assert.deepEqual([host, port, logSize], ['::1', 0, 4_000_000])
  assert.deepEqual([limits.holdMs, limits.heartbeatMs, limits.pingMs], [600_000, 100, 100])
  assert.equal(serverOptions({ logSize: '1' }, {}).logSize, 1)
})

test('refuses what would break the server, in one line', () => {
  const cases: readonly ServeOptions[] = [
    { port: '65536' },
    { logSize: '0' },
    { logSize: '9000000000000000' },
    { logSize: '4000001' },
    { logSize: 'many' },
    { hold: '600h' },
    { hold: '0s' },
    { hold: '30' },
    { heartbeat: '1ms' },
    { heartbeat: '11m' },
    { fault: 'dorp=1%' },
    { fault: '' },
    { fault: 'drop=1%,' },
    { fault: 'drop=1%\n' },
    { fault: 'delay=1ms\u001b[2J,drop=1%' },
    { fault: 'drop=1/1000', seed: '4294967296' },
    { fault: 'drop=1/1000', seed: '-1' },
    { seed: '7' },
  ]
  for (const options of cases) {
    assert.throws(
      () => serverOptions(options, {}),
      (error) => {
        assert.ok(error instanceof RtbenchError)
        assert.equal(error.code, 'usage')
        assert.match(error.message, /^--[a-z-]+: \S+ [^\n]+; expected [^\n]+$/)
        assert.doesNotMatch(error.message, /\p{Cc}/u)
        return true
      },
      JSON.stringify(options),
    )
  }
})

test('draws a seed for its faults where none is given', () => {
  const given = serverOptions({ fault: 'drop=1/1000,delay=20ms', seed: '4294967295' }, {}).faults
  assert.deepEqual(given, {
    seed: 2 ** 32 - 1,
    drop: 0.001,
    duplicate: 0,
    swap: 0,
    delay: { ms: 20, share: 1 },
  })
  const drawn = [1, 2].map(() => serverOptions({ fault: 'swap=1%' }, {}).faults?.seed ?? -1)
  assert.ok(drawn.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
  assert.notEqual(drawn[0], drawn[1])
  assert.equal(serverOptions({}, {}).faults, null)
})

test('takes its token from the flag, else from the environment', () => {
  const environment = { RTBENCH_TOKEN: 'b' }
  assert.equal(serverOptions({ token: 'a' }, environment).token, 'a')
  assert.equal(serverOptions({}, environment).token, 'b')
  assert.equal(serverOptions({}, {}).token, null)
})
