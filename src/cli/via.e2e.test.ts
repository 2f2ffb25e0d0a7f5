/** Runs whose clients go through a proxy: what they tell, what is blocked, and that nothing is left of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { installed } from '../balancer/running.ts'
import type { Run } from '../result/document.ts'
import { proxies } from '../via/registry.ts'
import { assertRefused, parseResult, run } from './command.conformance.ts'

const CLIENTS = 40
const SHORT = [
  ...['run', '--clients', `${CLIENTS}`, '--rate', '2', '--hold', '1s', '--no-save'],
  ...['--duration', '2s', '--warmup', '1s', '--allow-invalid', '--quiet'],
]

function absence(name: string): string | false {
  const proxy = proxies.find((one) => one.name === name) ?? assert.fail(name)
  try {
    installed(proxy, '--via')
    return false
  } catch {
    return `${proxy.label} is not here: apt-get install ${proxy.package}`
  }
}

describe('a run through a proxy', { concurrency: 2 }, () => {
  for (const { name, role } of proxies) {
    it(`delivers all by each technique through ${name} as recommended`, {
      skip: absence(name),
    }, async (context) => {
      const words = ['--via', name, '--via-config', 'recommended', '--json']
      const { code, stdout, stderr } = await run(context, [...SHORT, ...words])
      assert.equal(code, 0, stderr)
      const { runs } = parseResult(stdout)
      assert.equal(runs.length, 4, stderr)
      for (const { transport, delivery, clients, errors, via } of runs) {
        assert.deepEqual([delivery.lost, delivery.duplicates, errors], [0, 0, {}], transport)
        assert.ok(delivery.delivered > CLIENTS && clients.connected === CLIENTS, transport)
        assert.deepEqual([via?.program, via?.configuration, via?.role], [name, 'recommended', role])
        assert.ok((via?.cpuUtilisation ?? 0) > 0 && (via?.rssBytes ?? 0) > 1e6, transport)
      }
    })
  }

  it('tells before the ramp-up that nginx by default blocks WebSocket, and goes on without it', {
    skip: absence('nginx'),
  }, async (context) => {
    const { code, stdout, stderr } = await run(context, [...SHORT, '--via', 'nginx', '--json'])
    const { runs, missing } = parseResult(stdout)
    assert.deepEqual(
      runs.map(({ transport }: Run) => transport),
      ['short-poll', 'long-poll', 'sse'],
    )
    for (const { delivery } of runs) assert.equal(delivery.lost, 0)
    assert.match(
      missing[0]?.reason ?? '',
      /does not pass Upgrade on.*take --via-config recommended/,
    )
    assert.match(stderr, /websocket.*could not be measured: .*does not pass Upgrade on/)
    assert.doesNotMatch(stderr, /fewer/)
    assert.notEqual(code, 0)
  })

  it('refuses in a line what a configuration has no room for, and what is no way for a run', {
    skip: absence('nginx'),
  }, async (context) => {
    const many = ['run', '--via', 'nginx', '--clients', '1000', '--no-save', '--quiet']
    assertRefused(await run(context, many), 1, /room for the connections of 250 clients/)
    const several = ['run', '--via', 'nginx,caddy', '--no-save', '--quiet']
    assertRefused(await run(context, several), 2, /is a matrix.*rtbench probe/)
    const both = ['run', '--via', 'nginx', '--front', 'haproxy', '--no-save', '--quiet']
    assertRefused(await run(context, both), 2, /expected one of them/)
  })

  it('prints what it would write, whether or not the program is there', async (context) => {
    for (const { name } of proxies) {
      for (const configuration of ['default', 'recommended']) {
        const words = ['run', '--via', name, '--via-config', configuration, '--print-via']
        const { code, stdout, stderr } = await run(context, words, { PATH: '' })
        assert.deepEqual([code, stderr], [0, ''])
        assert.match(stdout, new RegExp(`^# .*: ${configuration}\n`))
        for (const port of name === 'squid' ? [8080] : [8080, 8081]) {
          assert.match(stdout, new RegExp(`:${port}\\b`), `${name}, ${configuration}`)
        }
        assert.doesNotMatch(stdout, /undefined|NaN/)
      }
    }
  })
})
