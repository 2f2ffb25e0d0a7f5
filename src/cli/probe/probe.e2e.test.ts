/** What a probe finds of the real nginx and HAProxy, each with a fault of its own, and that nothing is left of it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { haproxyProgram } from '../../balancer/haproxy.ts'
import { NGINX_FILES, nginxProgram } from '../../balancer/nginx.ts'
import type { Program } from '../../balancer/program.ts'
import { installed, startProgram } from '../../balancer/running.ts'
import type { Finding } from '../../doctor/finding.ts'
import type { Matrix } from '../../probe/probe.ts'
import { proxies } from '../../via/registry.ts'
import { assertRefused, run, start } from '../command.conformance.ts'
import { root } from '../root.conformance.ts'

/** Why a program's tests are skipped; false where they are not. */
function absence(program: Program): string | false {
  try {
    installed(program, '--via')
    return false
  } catch {
    return `${program.label} is not here: apt-get install ${program.package}`
  }
}

/** A server that keeps quiet for as long as it is asked to, as a command of its own. */
async function serve(context: TestContext): Promise<number> {
  const words = ['serve', '--port', '0', '--hold', '10m', '--heartbeat', '10m']
  const [, port] = await start(context, words).says(/serves on http:\/\/127\.0\.0\.1:(\d+)/)
  return Number(port)
}

/** Probes a server through a program, configured by its port and the server's; the findings by their code. */
async function probed(
  context: TestContext,
  program: Program,
  configure: (port: number, upstream: number) => string,
  ...words: readonly string[]
): Promise<ReadonlyMap<string, Finding>> {
  const upstream = await serve(context)
  const front = await startProgram(
    installed(program, '--via'),
    ([port = 0]) => configure(port, upstream),
    1,
  )
  context.after(() => front.stop())
  const url = `http://127.0.0.1:${front.ports[0]}`
  const told = await run(context, ['probe', url, '--json', '--no-save', '--quiet', ...words])
  assert.deepEqual([told.code, told.stderr], [0, ''])
  const { findings } = JSON.parse(told.stdout) as { findings: readonly Finding[] }
  return new Map(findings.map((finding) => [finding.code, finding]))
}

const nginxWith =
  (http: string, location: string) =>
  (port: number, upstream: number): string =>
    `error_log stderr warn;
pid nginx.pid;
events {}
http {
${NGINX_FILES}
${http}
    server {
        listen 127.0.0.1:${port};
        location / {
            proxy_pass http://127.0.0.1:${upstream};
${location}
        }
    }
}
`

const haproxyWith =
  (silence: string) =>
  (port: number, upstream: number): string =>
    `defaults
    mode http
    timeout connect 5s
    timeout client ${silence}
    timeout server ${silence}
    option http-no-delay
frontend clients
    bind 127.0.0.1:${port}
    default_backend servers
backend servers
    server one 127.0.0.1:${upstream}
`

/** The seconds that a finding tells. */
function secondsOf(finding: Finding | undefined): number {
  return Number(/after ([\d.]+) s/.exec(finding?.text ?? '')?.[1])
}

describe('rtbench probe', { concurrency: 4 }, () => {
  it("finds nginx's buffer and its blocked upgrade, each with what mends it", {
    skip: absence(nginxProgram),
  }, async (context) => {
    const found = await probed(context, nginxProgram, nginxWith('', ''), '--longest', '1s')
    assert.match(found.get('sse-held')?.text ?? '', /held back until 4 KiB of them are there$/)
    assert.match(found.get('sse-held')?.fix ?? '', /X-Accel-Buffering: no, which was seen to help/)
    assert.match(found.get('websocket-blocked')?.text ?? '', /426.*strips Upgrade/)
    assert.match(found.get('websocket-blocked')?.fix ?? '', /proxy_http_version 1\.1/)
    assert.equal(found.get('short-poll-delivery')?.outcome, 'ok')
    assert.equal(found.get('long-poll-delivery')?.outcome, 'ok')
    assert.equal(found.get('connections')?.outcome, 'ok')
  })

  it('finds what nginx compresses, and an idle connection that it cuts after five seconds', {
    skip: absence(nginxProgram),
  }, async (context) => {
    const gzip =
      '    gzip on;\n    gzip_types application/json;\n    map $http_upgrade $upgrading { default upgrade; "" ""; }'
    const location = `            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $upgrading;
            proxy_buffering off;
            proxy_read_timeout 5s;`
    const configure = nginxWith(gzip, location)
    const found = await probed(context, nginxProgram, configure, '--longest', '8s')
    assert.match(found.get('short-poll-compression')?.text ?? '', /\(gzip\)$/)
    for (const code of ['sse-cut', 'websocket-cut', 'long-poll-cut']) {
      assert.ok(Math.abs(secondsOf(found.get(code)) - 5) < 1, found.get(code)?.text ?? code)
    }
    assert.match(found.get('sse-cut')?.fix ?? '', /say something every 4 s/)
    assert.equal(found.get('websocket-delivery')?.outcome, 'ok')
  })

  it('finds the stream that nginx compresses and so holds back', {
    skip: absence(nginxProgram),
  }, async (context) => {
    const gzip = '    gzip on;\n    gzip_types text/event-stream;'
    const configure = nginxWith(gzip, '            proxy_http_version 1.1;')
    const found = await probed(context, nginxProgram, configure, '--longest', '1s')
    assert.match(found.get('sse-held')?.text ?? '', /compressed by gzip/)
    assert.match(found.get('sse-held')?.fix ?? '', /gzip_types/)
  })

  it('finds the held poll that HAProxy cuts after ten seconds', {
    skip: absence(haproxyProgram),
  }, async (context) => {
    const found = await probed(context, haproxyProgram, haproxyWith('10s'), '--longest', '12s')
    const cut = found.get('long-poll-cut')
    assert.ok(Math.abs(secondsOf(cut) - 10) < 1, cut?.text)
    assert.match(cut?.text ?? '', /\(504\)/)
    assert.match(cut?.fix ?? '', /^hold polls for 8 s at most, or raise the timeout/)
    assert.ok(Math.abs(secondsOf(found.get('sse-cut')) - 10) < 1)
    assert.equal(found.get('sse-delivery')?.outcome, 'ok')
  })

  it('knows what is told of the proxies, of each that is here', async (context) => {
    const here = proxies.filter((one) => absence(one) === false).map(({ name }) => name)
    context.diagnostic(`through ${here.join(', ')}`)
    if (here.length === 0) return context.skip(`apt-get install ${proxies[0]?.package}`)
    const scenario = join(root, 'scenarios', 'proxies.yaml')
    const words = ['probe', scenario, '--via', here.join(), '--longest', '1s']
    const { code, stdout, stderr } = await run(context, [...words, '--json', '--no-save'])
    assert.equal(code, 0, stderr)
    const { ways } = JSON.parse(stdout) as Matrix
    assert.equal(ways.length, 2 * here.length)
    const factsOf = (program: string, configuration: string, technique: string) =>
      ways
        .find((way) => way.program === program && way.configuration === configuration)
        ?.techniques.find((facts) => facts.technique === technique)
    for (const { program, techniques, configuration } of ways) {
      assert.equal(techniques.length, 4)
      for (const { technique, blocked, heldBytes, ordered } of techniques) {
        if (configuration === 'default') continue
        assert.deepEqual([blocked, heldBytes], [null, null], `${program}: ${technique}`)
        assert.notEqual(ordered, false, `${program}: ${technique}`)
      }
    }
    for (const program of here) {
      for (const technique of ['short-poll', 'long-poll']) {
        assert.equal(factsOf(program, 'default', technique)?.blocked, null, program)
      }
    }
    if (here.includes('nginx')) {
      const stream = factsOf('nginx', 'default', 'sse')
      assert.ok((stream?.heldBytes ?? 0) > 3_000 && (stream?.heldBytes ?? 0) <= 4_096)
      assert.equal(stream?.heldWhenHinted, false)
    }
    for (const [program, answer] of [
      ['nginx', 'was answered 426'],
      ['apache', 'was answered 426'],
      ['squid', 'was answered 403'],
    ] as const) {
      if (!here.includes(program)) continue
      assert.equal(factsOf(program, 'default', 'websocket')?.blocked, answer)
    }
  })

  it('leaves no proxy behind when it is killed', async (context) => {
    const here = proxies.filter((one) => absence(one) === false)
    if (here.length === 0) return context.skip(`apt-get install ${proxies[0]?.package}`)
    const names = here.map(({ name }) => name).join()
    const words = ['probe', '--via', names, '--via-config', 'recommended', '--no-save']
    const command = start(context, [...words, '--longest', '60s'])
    await command.says(/waits for silences/)
    let guards: readonly number[] = []
    const untilMs = Date.now() + 20_000
    while (guards.length < here.length && Date.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      guards = [...new Set((await command.processes('rtbench-front')).map(groupOf))]
    }
    assert.equal(guards.length, here.length)
    // All of them are up, and hold connections.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const members = membersOf(guards)
    assert.ok(members.length >= here.length)
    const folders = guards.map(folderOf)
    assert.ok(folders.every((folder) => existsSync(folder)))
    command.signal('SIGKILL')
    await command.ended
    await command.gone()
    const patienceMs = Date.now() + 5_000
    while (membersOf(guards).length > 0 && Date.now() < patienceMs) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.deepEqual(membersOf(guards), [])
    for (const folder of folders) {
      assert.equal(existsSync(folder), false)
      // Squid's shared memory has the folder's name.
      const service = basename(folder).replaceAll('-', '')
      const left = readdirSync('/dev/shm').filter((name) => name.startsWith(service))
      assert.deepEqual(left, [])
    }
  })

  it('says in a line what it cannot do', async (context) => {
    const none = await run(context, ['probe', 'http://127.0.0.1:9', '--no-save', '--quiet'])
    assert.equal(none.code, 1)
    assert.match(
      none.stderr,
      /^rtbench: 127\.0\.0\.1:9: no server answers there \(ECONNREFUSED\)\n$/,
    )
    const url = 'http://127.0.0.1:9'
    for (const [words, line] of [
      [[], /probe: nothing says what to ask/],
      [[url, '--longest', '1h'], /--longest: .*10m/],
      [[url, '--via', 'nginx'], /expected no url, or rtbench probe URL/],
      [['--via', 'ngnix'], /did you mean nginx\?/],
      [['http://192.0.2.1'], /--allow-remote/],
    ] as const) {
      assertRefused(await run(context, ['probe', ...words]), 2, line)
    }
  })
})

/** The group of a process that runs; 0 of one that is gone, or a zombie. */
function groupOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^\d+ \(.*\) /s, '')
    const [state, , group] = stat.split(' ')
    return state === 'Z' ? 0 : Number(group)
  } catch {
    return 0
  }
}

/** The folder that a guard was told to take away. */
function folderOf(guard: number): string {
  const words = readFileSync(`/proc/${guard}/cmdline`, 'utf8').split('\0')
  return words.find((word) => basename(word).startsWith('rtbench-front-')) ?? ''
}

/** The processes of some groups that run. */
function membersOf(groups: readonly number[]): readonly string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && groups.includes(groupOf(Number(pid))),
  )
}
