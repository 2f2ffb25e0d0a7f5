import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { RtbenchError } from '../../error.ts'
import { transports } from '../../transports/registry.ts'
import { plansToMeasure, type WorkloadOptions, workloadOf } from './action.ts'

for (const [users, eventsPerUser, latency] of [
  ['10k', '6/min', '2s'],
  ['3', '20/day', 'p50<150ms'],
  ['1', '1000', '1ms'],
  ['1M', '1/day', '1h'],
] as const) {
  test(`${users} users of ${eventsPerUser} within ${latency} can be measured`, () => {
    const workload = workloadOf({ users, eventsPerUser, latency })
    const plans = plansToMeasure(workload, { cores: 2, openFilesLimit: 65_536 })
    const runs = plans.flatMap(({ scenario }) => scenario.transports)
    for (const { name } of transports) {
      assert.ok(runs.filter((one) => one === name).length >= 3, name)
    }
    // For a p99 that says something.
    const events = plans.map(
      ({ scenario: { clients, rate, durationMs } }) => (clients * rate * durationMs) / 1000,
    )
    assert.ok(Math.max(...events) >= 800)
  })
}

test('fewer clients are measured where a process may not open as many files', () => {
  const workload = workloadOf({ users: '10k', rate: '0.1', latency: '1s' })
  const clientsOf = (openFilesLimit: number) =>
    Math.max(
      ...plansToMeasure(workload, { cores: 2, openFilesLimit }).map(
        ({ scenario }) => scenario.clients,
      ),
    )
  assert.equal(clientsOf(65_536), 10_000)
  assert.ok(clientsOf(256) < 10_000)
})

const given = { users: '50k', eventsPerUser: '20/day', latency: '500ms' }

describe('a workload', () => {
  it('is read with its units', () => {
    assert.deepEqual(workloadOf(given), {
      users: 50_000,
      eventsPerUserPerSecond: 20 / 86_400,
      wanted: { percentile: 'p99', latencyUs: 500_000 },
      channels: 'per-client',
      payloadBytes: null,
      clientToServer: 'none',
      messagesPerUserPerSecond: null,
      instances: 1,
      proxies: [],
      browsers: 'modern',
    })
    const { wanted } = workloadOf({ ...given, latency: 'p95<200ms' })
    assert.deepEqual(wanted, { percentile: 'p95', latencyUs: 200_000 })
    const { users, rate } = { users: '5', rate: '0.1' }
    assert.equal(workloadOf({ users, rate, latency: '1s' }).eventsPerUserPerSecond, 0.1)
    assert.equal(
      workloadOf({ ...given, eventsPerUser: '6/min' }).eventsPerUserPerSecond.toFixed(3),
      '0.100',
    )
    assert.deepEqual(workloadOf({ ...given, proxies: 'block-upgrades, buffer-streams' }).proxies, [
      'block-upgrades',
      'buffer-streams',
    ])
    const traffic = (text: string) => {
      const { clientToServer, messagesPerUserPerSecond } = workloadOf({
        ...given,
        clientToServer: text,
      })
      return [clientToServer, messagesPerUserPerSecond]
    }
    assert.deepEqual(['chatty', '0', '3/min', '2'].map(traffic), [
      ['chatty', null],
      ['none', 0],
      ['some', 0.05],
      ['chatty', 2],
    ])
  })

  const wrong: readonly (readonly [WorkloadOptions, string])[] = [
    [{ users: undefined as never }, '--users: is not given; expected a count such as 500 or 50k'],
    [{ users: '0' }, '--users: 0 is not above 0; expected'],
    [{ users: 'many' }, '--users: many is not a count; expected'],
    [
      { eventsPerUser: '20/fortnight' },
      '--events-per-user: "20/fortnight" is not a rate: fortnight',
    ],
    [{ rate: '1' }, '--rate: is given as --events-per-user, too; expected one of them'],
    [{ latency: '500' }, '--latency: 500 has no unit; expected a latency such as 500ms'],
    [{ latency: 'p42<1s' }, '--latency: "p42<1s" names p42, which is none of p50, p95, p99;'],
    [{ latency: 'p99.9<1s' }, '--latency: "p99.9<1s" names p99.9, which is none of p50, p95, p99;'],
    [{ latency: 'max<=1s' }, '--latency: "max<=1s" names max, which is none of p50, p95, p99;'],
    [{ latency: 'p95>1s' }, '--latency: "p95>1s" is not a duration; expected a latency such as'],
    [{ latency: '0ms' }, '--latency: 0ms is not above 0; expected'],
    [{ clientToServer: 'chaty' }, '--client-to-server: chaty is not known, did you mean chatty?;'],
    [{ proxies: 'block-upgrade' }, '--proxies: block-upgrade is not known, did you mean block-up'],
    [{ channels: '0' }, '--channels: 0 is not above 0; expected per-client, broadcast, or'],
    [{ instances: '0' }, '--instances: 0 is not 1 to 1000; expected a count of server'],
    [{ instances: 'few' }, '--instances: few is not a count; expected a count of server'],
    [{ payload: 'long' }, '--payload: long is not a size; expected bytes of an event'],
    [{ browsers: 'old' }, '--browsers: old is not known; expected modern, any'],
  ]
  for (const [changes, line] of wrong) {
    it(`is refused: ${line}`, () => {
      assert.throws(
        () => workloadOf({ ...given, ...changes }),
        (error) => {
          assert.ok(error instanceof RtbenchError && error.code === 'usage')
          assert.ok(error.message.startsWith(line), error.message)
          assert.doesNotMatch(error.message, /\n/)
          return true
        },
      )
    })
  }
})
