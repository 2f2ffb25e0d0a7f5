import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../scenario/units.ts'
import { describeFaults, parseFaults } from './fault-spec.ts'

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
