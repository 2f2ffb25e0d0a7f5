import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { BALANCES, backendsOf, connectionsOf, type FrontPlan, timeoutsOf } from './balancer.ts'
import { balancerNamed, balancers } from './registry.ts'
import { installed } from './running.ts'

const PLAN: FrontPlan = {
  balance: 'round-robin',
  ports: [8080],
  instances: [[8081], [8082]],
  clients: 1000,
  holdMs: 30_000,
  intervalMs: 1000,
  heartbeatMs: 15_000,
  pingMs: 25_000,
}

test('a front waits longer than anybody is silent who keeps his word', () => {
  const plans: readonly Partial<FrontPlan>[] = [
    {},
    { holdMs: 600_000 },
    { holdMs: 100, heartbeatMs: 15_000 },
    { intervalMs: 3_600_000 },
    { intervalMs: 0 },
    { pingMs: 60_000 },
  ]
  for (const change of plans) {
    const plan = { ...PLAN, ...change }
    const { silenceS, tunnelS, idleS } = timeoutsOf(plan)
    const told = JSON.stringify(change)
    assert.ok(silenceS * 1000 > Math.max(plan.holdMs, plan.heartbeatMs), told)
    assert.ok(tunnelS * 1000 > 2 * plan.pingMs, told)
    assert.ok(idleS * 1000 > plan.intervalMs, told)
  }
})

test('every port of every instance is one that it forwards to, in turns', () => {
  const plan = { ...PLAN, instances: [[1, 2], [3, 4], [5]] }
  assert.deepEqual(
    backendsOf(plan).map(({ label, address }) => `${label} ${address}`),
    [
      ...['i1 127.0.0.1:1', 'i2 127.0.0.1:3', 'i3 127.0.0.1:5'],
      ...['i1b 127.0.0.1:2', 'i2b 127.0.0.1:4'],
    ],
  )
})

for (const balancer of balancers) {
  test(`${balancer.label} is told all that it must know, in each of its ways`, () => {
    for (const balance of BALANCES) {
      const plan = { ...PLAN, balance, ports: [8080, 8090] }
      const text = balancer.configuration(plan)
      for (const port of [8080, 8090, 8081, 8082]) assert.match(text, new RegExp(`:${port}\\b`))
      assert.match(
        text,
        new RegExp(`\\b${timeoutsOf(plan).silenceS}s|\\b${timeoutsOf(plan).tunnelS}s`),
      )
      const most = Math.max(
        ...[...text.matchAll(/conn\w* (\d+)/g)].map(([, count]) => Number(count)),
      )
      assert.ok(most >= connectionsOf(plan), `${most} connections`)
      assert.doesNotMatch(text, /undefined|NaN|\bcheck\b/)
    }
  })
}

test('the ways differ in what is written', () => {
  for (const balancer of balancers) {
    const texts = BALANCES.map((balance) =>
      balancer.configuration({ ...PLAN, balance }).replace(/^#.*$/gm, ''),
    )
    assert.equal(new Set(texts).size, BALANCES.length, balancer.name)
  }
})

test('a program that is absent is told with the package to install', () => {
  for (const balancer of balancers) {
    const absent = { ...balancer, program: 'rtbench-no-such-program' }
    assert.throws(
      () => installed(absent),
      (error) => {
        assert.ok(error instanceof RtbenchError)
        assert.equal(error.code, 'cannot-run')
        assert.match(
          error.message,
          new RegExp(
            `^${balancer.label} is not installed, .*: apt-get install ${balancer.package}$`,
          ),
        )
        return true
      },
    )
  }
})

test('a program of that name that is another one is refused', () => {
  const impostor = { ...balancerNamed('haproxy'), program: 'true' }
  assert.throws(
    () => installed(impostor),
    /true does not say that it is HAProxy; .*apt-get install/,
  )
})
