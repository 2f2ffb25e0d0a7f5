import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeoutsOf } from '../balancer/balancer.ts'
import { proxies, proxyNamed } from './registry.ts'
import { CONFIGURATIONS, type ViaPlan } from './via.ts'

const PLAN: ViaPlan = {
  ...{ port: 9000, upstream: 9001, clients: 1000 },
  ...{ holdMs: 30_000, intervalMs: 1000, heartbeatMs: 15_000, pingMs: 25_000 },
}

for (const proxy of proxies) {
  test(`${proxy.label} is told where it listens, and what its server is`, () => {
    const texts = CONFIGURATIONS.map((one) => proxy.configuration(one, PLAN, '/tmp/folder'))
    for (const text of texts) {
      assert.match(text, /:9000\b/)
      assert.doesNotMatch(text, /undefined|NaN/)
      if (proxy.role === 'reverse') assert.match(text, /127\.0\.0\.1:9001\b/)
    }
    assert.notEqual(texts[0], texts[1])
  })

  test(`${proxy.label} has room for what it is recommended for`, () => {
    for (const clients of [1, 1000, 9000]) {
      const room = proxy.room('recommended', { clients })
      assert.ok(room === null || room >= clients)
    }
  })
}

test('what is recommended waits longer than anybody is silent', () => {
  for (const holdMs of [1_000, 30_000, 600_000]) {
    const plan = { ...PLAN, holdMs }
    const { silenceS, tunnelS } = timeoutsOf(plan)
    for (const proxy of proxies) {
      const text = proxy.configuration('recommended', plan, '/tmp/folder')
      // Caddy has no such limit of its own.
      if (proxy.name === 'caddy') continue
      const seconds = [...text.matchAll(/(\d+) ?(?:s\b|seconds\b)|Timeout (\d+)/g)].map(
        ([, short, long]) => Number(short ?? long),
      )
      assert.ok(Math.max(...seconds) >= Math.max(silenceS, tunnelS), proxy.name)
    }
  }
})

test('the defaults say nothing that their first page does not', () => {
  const said: Readonly<Record<string, RegExp>> = {
    nginx: /buffering|http_version|timeout|Upgrade/,
    haproxy: /no-delay|tunnel/,
    caddy: /flush_interval/,
    apache: /upgrade=|Timeout|flushpackets/,
    squid: /application|read_timeout/,
  }
  for (const [name, pattern] of Object.entries(said)) {
    const proxy = proxyNamed(name)
    assert.doesNotMatch(proxy.configuration('default', PLAN, '/tmp/folder'), pattern)
    assert.match(proxy.configuration('recommended', PLAN, '/tmp/folder'), pattern)
  }
})
