import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { transports } from '../transports/registry.ts'
import { assertRefused, folder, parseResult, run, start } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'
import { root } from './root.conformance.ts'

const document = readFileSync(join(root, 'docs', 'targets.md'), 'utf8')
const [, scenario = ''] = /```yaml\n(.*?)```/s.exec(document) ?? []
const reference = join(folder, 'reference.yaml')
writeFileSync(reference, scenario)

const small = ['--clients', '20', '--duration', '1s', '--warmup', '200ms', '--rate', '10']

describe('run with a target', { concurrency: 4 }, () => {
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

  it('tells of publishes that are not accepted, and of thresholds all the same', async (context) => {
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
      `url: http://127.0.0.1:${port}
channels: 1
threshold: [delivery.published>1000000]
target:
  publish: { path: /publish, headers: { X-Api-Key: hidden } }
  short-poll: { path: /poll, empty: 500 }
`,
    )
    const args = ['run', file, ...small, '--json', '--no-save', '--quiet']
    const { code, stdout, stderr } = await run(context, args)
    assert.equal(code, 4)
    assert.match(stderr, /^rtbench: threshold \S+ missed by short-poll #1: is \d+\n$/)
    const { runs, scenario } = parseResult(stdout)
    const [measured] = runs
    const { published } = measured?.delivery ?? {}
    assert.ok((published ?? 0) > 0)
    assert.equal(measured?.publisher.dropped, published)
    const reason = measured?.validity.reasons.find(({ code }) => code === 'dropped')
    assert.equal(
      reason?.message,
      `${published} publishes were not accepted (http-500 ${published}); look at the server, or lower the rate`,
    )
    assert.equal(measured?.errors['publish-http-500'], published)
    assert.deepEqual(scenario.target?.publish?.headers, { 'X-Api-Key': '***' })
  })

  it('tells its secrets to nobody but the server', async (context) => {
    const heard: string[] = []
    const server = createServer((request, response) => {
      heard.push(`${request.url} ${request.headers['x-tenant']}`)
      response.writeHead(request.url?.startsWith('/poll') ? 204 : 500).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const file = join(folder, 'secret.yaml')
    writeFileSync(
      file,
      `url: http://127.0.0.1:${port}
channels: 1
target:
  publish:
    path: /publish?api_key=s3cret
    headers: { X-Tenant: s3cret, Authorization: Bearer s3cret }
    body: '{"token":"s3cret","data":"{data}"}'
  short-poll: { path: '/poll?token=s3cret', headers: { X-Tenant: s3cret }, empty: 204 }
`,
    )
    const out = join(folder, 'secret')
    const args = ['run', file, ...small, '--allow-invalid', '--out', out, '--html', '--json']
    const rotated = join(folder, 'rotated.yaml')
    writeFileSync(rotated, readFileSync(file, 'utf8').replaceAll('s3cret', 's3cret-again'))
    const again = join(folder, 'rotated')
    // Side by side, as each waits long for what never comes.
    const [{ code, stdout, stderr }] = await Promise.all([
      run(context, args),
      run(context, ['run', rotated, ...small, '--allow-invalid', '--out', again]),
    ])
    assert.equal(code, 0, stderr)
    assert.ok(heard.includes('/poll?token=s3cret s3cret'), heard.at(-1))
    assert.ok(heard.includes('/publish?api_key=s3cret s3cret'), heard.at(-1))
    const files = readdirSync(out).sort()
    assert.deepEqual(
      files.map((name) => name.split('.').at(-1)),
      ['html', 'json', 'md'],
    )
    const [, json = ''] = files
    const config = await run(context, ['run', file, '--print-config'])
    const [otherJson = ''] = readdirSync(again).sort()
    const compared = await run(context, ['compare', join(out, json), join(again, otherJson)])
    assert.doesNotMatch(compared.stderr, /differ/)
    const shown = [stdout, stderr, config.stdout, compared.stdout, compared.stderr]
    for (const text of [...shown, ...files.map((name) => readFileSync(join(out, name), 'utf8'))]) {
      assert.ok(text !== undefined && !text.includes('s3cret'), text)
    }
    assert.match(config.stdout, /path: \/poll\?token=\*\*\*/)
  })

  it('shows no credentials of a URL that it refuses', async () => {
    for (const url of ['http://user:s3cret@127.0.0.1', 'http://u:s3/s3cret@h', 'u:s3cret@h']) {
      const { code, stdout, stderr } = await runResident(['run', '--url', url])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /^rtbench: --url: "[^\n]*\*\*\*@[^\n]*\n$/)
      assert.doesNotMatch(stderr, /s3/)
    }
  })

  it('says in one line that nothing is there, and where a target belongs', async () => {
    const nobody = ['run', reference, ...small, '--url', 'http://127.0.0.1:9', '--quiet']
    assertRefused(
      await runResident(nobody),
      1,
      /no server answers at 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
    )
    const belongs = /is not a map; expected a map in a scenario file, of publish and/
    assertRefused(await runResident(['run', '--target', 'http://x']), 2, belongs)
    assertRefused(await runResident(['run'], { RTBENCH_TARGET: 'http://x' }), 2, belongs)
    const elsewhere = [...nobody, '--transport', 'carrier-pigeon']
    assertRefused(await runResident(elsewhere), 2, /carrier-pigeon.* is not a transport/)
  })
})
