import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { samplePoll } from '../result/sample-sweep.conformance.ts'
import { shortPoll } from '../transports/short-poll/index.ts'
import { ask, of, polling, statuses, within } from './question.conformance.ts'

describe('advice beyond the evidence', () => {
  it('takes nobody beyond the evidence where another one is within it', () => {
    // 96 ms is more than ten times as often as each second.
    const advice = ask(within(97_000))
    assert.equal(statuses(advice)['short-poll'], 'beyond')
    assert.deepEqual(
      of(advice, 'short-poll').stretches.map(({ of }) => of),
      ['requests'],
    )
    assert.equal(statuses(advice)['sse'], 'suitable')
    assert.notEqual(advice.chosen, 'short-poll')
    assert.equal(advice.measure, 'rtbench advise --measure --users 1000 --rate 0.1 --latency 97ms')
    const proxies = ['block-upgrades', 'buffer-streams'] as const
    const alone = ask({ ...within(97_000), proxies }, [
      sampleResult({ runs: [sampleRun('short-poll')] }),
    ])
    assert.equal(alone.chosen, 'short-poll')
  })

  it('names all that may be, where all are beyond, and says how to measure it', () => {
    const advice = ask({ users: 50_000 })
    assert.ok(advice.techniques.every(({ status }) => status === 'beyond'))
    assert.deepEqual([advice.chosen, advice.undecided], [null, false])
    assert.ok(advice.among.length > 1 && advice.untold.length > 0)
    assert.equal(
      advice.measure,
      'rtbench advise --measure --users 50000 --rate 0.1 --latency 500ms',
    )
  })

  it('doubts an interval that is too short for the web, though it was measured', () => {
    const poll = samplePoll(40)
    const advice = ask(within(41_000), [sampleResult({ runs: [poll], scenario: polling(40) })])
    const { status, intervalTooShort, stretches, reasons } = of(advice, 'short-poll')
    assert.deepEqual([status, intervalTooShort, stretches], ['beyond', true, []])
    assert.match(reasons.join(), /below 50 ms/)
    assert.equal(advice.chosen, 'short-poll')
    // The other ones might tell otherwise; of this one no measurement does.
    const alone = ask(
      within(41_000),
      [sampleResult({ runs: [poll], scenario: polling(40) })],
      [shortPoll],
    )
    assert.deepEqual([alone.chosen, alone.measure], ['short-poll', null])
    const slower = ask(within(60_000), [sampleResult({ runs: [poll], scenario: polling(40) })])
    assert.equal(statuses(slower)['short-poll'], 'suitable')
    // Before it an extrapolation is taken.
    const many = ask({ ...within(41_000), users: 50_000 }, [
      sampleResult({ runs: [sampleRun('long-poll'), poll], scenario: polling(40) }),
    ])
    assert.deepEqual([statuses(many)['long-poll'], many.chosen], ['beyond', 'long-poll'])
  })
})
