import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { transports } from '../transports/registry.ts'
import { assertRefused, folder, parseResult, run, start } from './command.conformance.ts'
import { root } from './root.conformance.ts'

const document = readFileSync(join(root, 'docs', 'targets.md'), 'utf8')
const [, scenario = ''] = /```yaml\n(.*?)```/s.exec(document) ?? []
const reference = join(folder, 'reference.yaml')
writeFileSync(reference, scenario)

const small = ['--clients', '20', '--duration', '1s', '--warmup', '200ms', '--rate', '10']

describe('run with a target', { concurrency: 2 }, () => {
  it('measures the reference server as if it were somebody else’s', async (context) => {
    const server = start(context, ['serve', '--port', '0', '--token', 'open-sesame'])
    const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
    const out = join(folder, 'described')
    const args = ['run', reference, ...small, '--interval', '100ms', '--url', url, '--out', out]
    const { code, stdout, stderr } = await run(
      context,
      [...args, '--json', '--quiet', '--allow-invalid'],
      { RTBENCH_TOKEN: 'open-sesame' },
    )
    assert.equal(code, 0, stderr)
    const { runs } = parseResult(stdout)
    assert.equal(runs.length, transports.length)
    for (const { transport, delivery, server, clients, validity } of runs) {
      const { expected, delivered, lost, duplicates, outOfOrder } = delivery
      assert.ok(expected > 0)
      assert.deepEqual([delivered, lost, duplicates, outOfOrder], [expected, 0, 0, 0], transport)
      assert.deepEqual([server, clients.connected], [null, 20])
      assert.ok(!validity.reasons.some(({ code }) => code === 'server-silent'))
    }
    const [, markdown = ''] = readdirSync(out).sort()
    const report = readFileSync(join(out, markdown), 'utf8')
    assert.match(report, /somebody else's server at http:/)
    assert.match(report, /rtbench run SCENARIO\.yaml --transport .*# SCENARIO\.yaml: /)
    assert.doesNotMatch(report, /open-sesame/)
  })

  it('tells of publishes that are not accepted', async (context) => {
    const server = createServer((_, response) => response.writeHead(500).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const file = join(folder, 'refusing.yaml')
    writeFileSync(
      file,
      `url: http://127.0.0.1:${port}\nchannels: 1\ntarget:\n  publish: { path: /publish, headers: { X-Api-Key: hidden } }\n  short-poll: { path: /poll, empty: 500 }\n`,
    )
    const args = ['run', file, ...small, '--json', '--no-save', '--quiet']
    const { code, stdout } = await run(context, args)
    assert.equal(code, 4)
    const { runs, scenario } = parseResult(stdout)
    const [measured] = runs
    const { published } = measured?.delivery ?? {}
    assert.ok((published ?? 0) > 0)
    assert.equal(measured?.publisher.dropped, published)
    assert.ok(measured?.validity.reasons.some(({ code }) => code === 'dropped'))
    assert.deepEqual(scenario.target?.publish?.headers, { 'X-Api-Key': '***' })
  })

  it('says in one line that nothing is there, and where a target belongs', async (context) => {
    const nobody = ['run', reference, ...small, '--url', 'http://127.0.0.1:9', '--quiet']
    assertRefused(
      await run(context, nobody),
      1,
      /no server answers at 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
    )
    const belongs = /is not a map; expected a map in a scenario file, of publish and/
    assertRefused(await run(context, ['run', '--target', 'http://x']), 2, belongs)
    assertRefused(await run(context, ['run'], { RTBENCH_TARGET: 'http://x' }), 2, belongs)
    const elsewhere = [...nobody, '--transport', 'carrier-pigeon']
    assertRefused(await run(context, elsewhere), 2, /carrier-pigeon.* is not a transport/)
  })
})
