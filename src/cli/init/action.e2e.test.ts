import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { assertRefused, Command, type Ended, folder } from '../command.conformance.ts'
import { root } from '../root.conformance.ts'

/** Somebody's server, which knows nothing of rtbench. */
const SERVER = `const { createServer } = require('node:http')

const clients = new Set()

function broadcast(message) {
  for (const client of clients) client.write(\`data: \${JSON.stringify({ message })}\\n\\n\`)
}

createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
    response.flushHeaders()
    clients.add(response)
    response.on('close', () => clients.delete(response))
    return
  }
  if (request.method === 'POST' && request.url === '/messages') {
    let body = ''
    request.on('data', (bytes) => (body += bytes))
    request.on('end', () => {
      const { message } = JSON.parse(body)
      if (typeof message !== 'string') return response.writeHead(400).end()
      broadcast(message)
      response.writeHead(204).end()
    })
    return
  }
  response.writeHead(404).end()
}).listen(process.env.PORT ?? 3000)
`

/** A fresh repository of it. */
function repository(name: string, files: Readonly<Record<string, string>> = {}): string {
  const place = join(folder, name)
  mkdirSync(place)
  const lock = {
    name: 'chat',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'chat' } },
  }
  const all = {
    'server.js': SERVER,
    'package.json': JSON.stringify({ name: 'chat', private: true }),
    'package-lock.json': JSON.stringify(lock),
    '.gitignore': 'node_modules\nresults\njunit.xml\n',
    ...files,
  }
  for (const [file, text] of Object.entries(all)) writeFileSync(join(place, file), text)
  git(place, 'init', '--quiet', '--initial-branch', 'main')
  commit(place)
  return place
}

function git(place: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost']
  return execFileSync('git', [...identity, ...args], { cwd: place, encoding: 'utf8' })
}

function commit(place: string): void {
  git(place, 'add', '--all')
  git(place, 'commit', '--quiet', '--message', 'as it is')
}

async function init(
  context: TestContext,
  place: string,
  ...flags: readonly string[]
): Promise<Ended> {
  const command = new Command(['init', ...flags], place)
  context.after(() => command.kill())
  const ended = await command.ended
  await command.gone()
  return ended
}

/** A step of the written workflow, as a runner does it, but for the time that it takes. */
function runStep(
  place: string,
  name: RegExp,
): { readonly code: number | null; readonly said: string } {
  const path = join(place, '.github', 'workflows', 'rtbench.yml')
  const { jobs } = parse(readFileSync(path, 'utf8'))
  const steps = jobs.rtbench.steps as readonly { readonly name?: string; readonly run?: string }[]
  const step = steps.find((one) => name.test(one.name ?? ''))
  const script = (step?.run ?? assert.fail(`no step ${name}`)).replace(
    '--budget 2m',
    '--budget 30s',
  )
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: place,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, GITHUB_BASE_REF: 'main' },
  })
  return { code: status, said: stdout + stderr }
}

suite("init for somebody else's server", { concurrency: false }, () => {
  test('from a fresh repository to a green gate and a red one', async (context) => {
    const place = repository('fresh')
    const { code, stdout, stderr } = await init(context, place, '--serve', 'node server.js')
    assert.match(stdout, /^found sse on \/events and publishing by POST \/messages$/m)
    assert.match(
      stdout,
      /^works: Server-Sent Events, [\d,]+ of [\d,]+ deliveries, p50 /m,
      stdout + stderr,
    )
    assert.match(
      stdout,
      /^missing: rtbench in package-lock\.json, .* by npm i -D "\.\/\$\(npm pack /m,
    )
    assert.equal(code, 0)
    assert.deepEqual(parse(readFileSync(join(place, 'scenarios/server.yaml'), 'utf8')).target, {
      publish: {
        path: '/messages',
        headers: { 'Content-Type': 'application/json' },
        body: '{"message":"{data}"}',
      },
      sse: { path: '/events' },
    })
    const valid = new Command(['validate', 'scenarios/server.yaml'], place)
    assert.equal((await valid.ended).code, 0)

    // What \`npm ci\` would install.
    mkdirSync(join(place, 'node_modules', '.bin'), { recursive: true })
    symlinkSync(join(root, 'bin', 'rtbench.js'), join(place, 'node_modules', '.bin', 'rtbench'))
    commit(place)
    git(place, 'update-ref', 'refs/remotes/origin/main', 'HEAD')
    const counted = runStep(place, /^Loss/)
    assert.equal(counted.code, 0, counted.said)
    assert.match(counted.said, /kept/)
    assert.doesNotMatch(counted.said, /rtbench's own server/)
    const same = runStep(place, /^Times/)
    assert.equal(same.code, 0, same.said)

    writeFileSync(
      join(place, 'server.js'),
      SERVER.replace('broadcast(message)\n      ', 'setTimeout(broadcast, 300, message)\n      '),
    )
    const slower = runStep(place, /^Times/)
    assert.equal(slower.code, 3, slower.said)
    // On a machine that is too busy for the change, the threshold is missed all the same.
    assert.match(slower.said, /Push latency p50 regressed|p50<100ms missed/)
  })

  test('what is wrong is one line, and nothing is written', async (context) => {
    const place = repository('wrong', {
      'silent.js': SERVER.replaceAll(/'\/(events|messages)'/g, "'/a/$1'"),
    })
    const start = ['--serve', 'node server.js']
    const silent = ['--serve', 'node silent.js']
    for (const [flags, exit, line] of [
      [['--serve', 'echo oops; exit 3'], 1, /ended before it listened .*it said last: oops/],
      [silent, 2, /nothing was found to measure: .*sse not found on \/events, .*name it by --sse/],
      [[...start, '--sse', '/stream'], 2, /--sse: GET \/stream was answered 404; expected 200 and/],
      [[...start, '--publish', 'POST /send'], 2, /--publish: POST \/send was answered 404/],
      [['--url', 'http://127.0.0.1:9'], 1, /no server answers there \(ECONNREFUSED\)/],
      [['--url', 'http://192.0.2.1'], 2, /192\.0\.2\.1 is not this machine; .*--allow-remote/],
    ] as const) {
      assertRefused(await init(context, place, ...flags), exit, line)
    }
    assert.equal(existsSync(join(place, 'scenarios')), false)
    const named = ['--sse', '/a/events', '--publish', 'POST /a/messages', '--no-try']
    const { code, stdout } = await init(context, place, ...silent, ...named)
    assert.match(stdout, /^found sse on \/a\/events and publishing by POST \/a\/messages$/m)
    assert.doesNotMatch(stdout, /works|wrong/)
    assert.equal(code, 0)
  })

  test('a server that loses events: it is written, and said', async (context) => {
    const losing = SERVER.replace(
      'broadcast(message)\n      ',
      'if (++count % 5) broadcast(message)\n      ',
    )
    const place = repository('losing', { 'server.js': `let count = 0\n${losing}` })
    const { code, stdout } = await init(context, place, '--serve', 'node server.js')
    assert.match(stdout, /^wrong: Server-Sent Events: lost==0 missed/m)
    assert.equal(code, 3)
    assert.ok(existsSync(join(place, 'scenarios/server.yaml')))
  })
})
