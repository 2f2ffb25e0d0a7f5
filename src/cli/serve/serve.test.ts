import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { RtbenchError } from '../../error.ts'
import { isRefusal } from '../../scenario/units.ts'
import { describeFaults, parseFaults, type ServeOptions, serverOptions } from './action.ts'

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

const none = { drop: 0, duplicate: 0, swap: 0, delay: { ms: 0, share: 0 } }

describe('the faults of a server', () => {
  for (const [text, expected] of [
    ['delay=20ms', { delay: { ms: 20, share: 1 } }],
    ['delay=100ms/1%', { delay: { ms: 100, share: 0.01 } }],
    ['delay=1.5s/1/3', { delay: { ms: 1500, share: 1 / 3 } }],
    ['delay=60s/100%', { delay: { ms: 60_000, share: 1 } }],
    ['drop=1/1000', { drop: 0.001 }],
    ['swap=1/200,duplicate=0.2%', { swap: 0.005, duplicate: 0.002 }],
    ['drop=1/2,duplicate=1/4,swap=1/4', { drop: 0.5, duplicate: 0.25, swap: 0.25 }],
    ['drop=1/1', { drop: 1 }],
  ] as const) {
    it(`are read from ${text}, and said as they are read`, () => {
      const spec = parseFaults(text)
      assert.deepEqual(spec, { ...none, ...expected })
      assert.ok(!isRefusal(spec))
      const [said = ''] = describeFaults({ ...spec, seed: 5 }).split('; seed 5')
      const again = parseFaults(said)
      assert.ok(!isRefusal(again))
      for (const name of ['drop', 'duplicate', 'swap'] as const) {
        assert.ok(Math.abs(again[name] - spec[name]) < 1e-9)
      }
      assert.ok(Math.abs(again.delay.share - spec.delay.share) < 1e-9)
      assert.equal(again.delay.ms, spec.delay.ms)
    })
  }

  for (const [text, problem] of [
    ['', /^is no fault; expected delay=20ms/],
    ['dorp=1/5', /^is no fault, did you mean drop\?; expected/],
    ['toString=1/5', /^is no fault; expected/],
    ['drop=1%,dulpicate=1%', /^has 'dulpicate=1%', which is no fault, did you mean duplicate\?/],
    ['drop=1%,', /^has '', which is no fault/],
    ['drop', /^has no share; expected a share above 0, at most 1/],
    ['drop=5', /^has no share/],
    ['drop=1%%', /^has no share/],
    ['drop=-1/5', /^has no share/],
    ['drop=1/5=3', /^has no share/],
    ['drop=0/5', /^is out of bounds; expected a share/],
    ['drop=1/0', /^is out of bounds/],
    ['drop=0/0', /^is out of bounds/],
    ['drop=3/2', /^is out of bounds/],
    ['swap=0%', /^is out of bounds/],
    ['swap=101%', /^is out of bounds/],
    ['drop=1%,swap=1%,drop=2%', /^has drop twice; expected each fault once/],
    ['drop=60%,swap=50%', /^hits more than all events; expected/],
    ['delay=20', /^has no unit; expected a time up to 60s/],
    ['delay', /^is not a duration; expected/],
    ['delay=0ms', /^is out of bounds; expected a time/],
    ['delay=61s', /^is out of bounds; expected a time/],
    ['delay=5ms/', /^has no share; expected a share/],
    ['delay=5ms/0%', /^is out of bounds; expected a share/],
  ] as const) {
    it(`are not read from '${text}'`, () => {
      const refusal = parseFaults(text)
      assert.ok(isRefusal(refusal), JSON.stringify(refusal))
      assert.match(refusal.problem, problem)
      assert.match(refusal.problem, /^[^\n]+; expected [^\n]+$/)
    })
  }
})
