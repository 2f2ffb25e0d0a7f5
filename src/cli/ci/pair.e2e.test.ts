import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readResult } from '../../result/store.ts'
import { assertRefused, Command, folder, run, start } from '../command.conformance.ts'
import { assertNothingLeft, ci, environment, git, SERVE, temporary } from './pair.conformance.ts'

suite('another commit, run by run', { concurrency: false }, () => {
  test('the same on both sides, of which no machine decides: exit 0', async (context) => {
    const flags = [
      '--against',
      'HEAD',
      '--serve',
      SERVE,
      '--only',
      'deterministic',
      '--repeat',
      '2',
    ]
    const { code, stdout, stderr } = await ci(context, ...flags)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /WebSocket │ unchanged/)
    assertNothingLeft()
  })

  test('what cannot be done is one line, and leaves nothing', async (context) => {
    const serve = ['--serve', SERVE]
    assertRefused(await ci(context, '--against', 'mian', ...serve), 2, /there is no commit mian/)
    // What is to be mended first comes first.
    assertRefused(await ci(context, '--against', 'mian'), 2, /there is no commit mian/)
    assertRefused(await ci(context, '--against', '--help', ...serve), 2, /--against/)
    assertRefused(await ci(context, '--against', 'main'), 2, /--serve 'node server\.js --port/)
    mkdirSync(join(folder, 'new'))
    const below = new Command(
      ['ci', '../short.yaml', '--against', 'main', ...serve],
      join(folder, 'new'),
      environment,
    )
    assertRefused(await below.ended, 2, /there is no folder new at main/)
    const broken = ['--against', 'main', ...serve, '--build', 'echo wrong >&2; exit 9']
    assertRefused(
      await ci(context, ...broken),
      1,
      /failed at main \(exit code 9\); it said last: wrong/,
    )
    assertNothingLeft()
  })

  test('--serve by itself starts a server for each run, also against a stored baseline', async (context) => {
    const flags = ['--serve', SERVE, '--only', 'deterministic', '--repeat', '2', '--baseline', 'bl']
    const made = await ci(context, ...flags, '--update-baseline')
    assert.match(made.stderr, /^stored bl\/short\.json$/m)
    const { runs, scenario } = await readResult(join(folder, 'bl', 'short.json'))
    assert.deepEqual([runs.length, scenario.url], [2, 'http://127.0.0.1:{port}'])
    const { code, stdout } = await ci(context, ...flags)
    assert.match(stdout, /WebSocket │ unchanged/)
    assert.equal(code, 0, stdout)
  })

  test('a server that does not start: exit 1, and what it said', async (context) => {
    const serve = 'echo cannot >&2; exit 7 # {port}'
    const { code, stdout } = await ci(context, '--against', 'main', '--serve', serve)
    const text = stdout.replace(/[│\s]+/g, ' ')
    assert.match(text, /not measured main: --serve: .* ended before it listened/)
    assert.match(text, /\(exit code 7\); it said last: cannot/)
    assert.equal(code, 1)
    const broken = "require('http').createServer((_, to) => to.writeHead(500).end()).listen({port})"
    const failing = await ci(context, '--against', 'main', '--serve', `node -e "${broken}"`)
    assert.match(failing.stdout.replace(/[│\s]+/g, ' '), /not measured main: /)
    assert.equal(failing.code, 1)
    assertNothingLeft()
  })

  test('a server that ends while it is measured: exit 5, by its side, its code and its last words', async (context) => {
    const dying = '[ -s flags ] || (sleep 2; echo boom >&2; kill -9 $$) &'
    const args = ['ci', 'short.yaml', '--quiet', '--against', 'main', '--serve']
    writeFileSync(join(folder, 'flags'), '--fault delay=1ms')
    const { code, stdout, stderr } = await run(
      context,
      [...args, `${dying} exec ${SERVE}`, '--only', 'deterministic', '--junit', 'dead.xml'],
      { ...environment, RTBENCH_DURATION: '4s' },
    )
    const text = stdout.replace(/[│\s]+/g, ' ')
    assert.match(
      text,
      /main: invalid: .*; the server of main ended \(SIGKILL\); it said last: boom/,
    )
    assert.match(readFileSync(join(folder, 'dead.xml'), 'utf8'), / errors="2"/)
    assert.match(stderr, /^rtbench: exit code 5: .*validity of main; short, all: comparison\)$/m)
    assert.equal(code, 5)
    writeFileSync(join(folder, 'flags'), '')
    assertNothingLeft()
  })

  test('Ctrl-C or a hangup during a build, and during a run: exit 130, and nothing is left', async (context) => {
    const args = ['ci', 'short.yaml', '--against', 'main', '--serve', SERVE]
    const building = start(context, [...args, '--build', 'sleep 600'], environment)
    await building.says(/^building main/m)
    building.signal('SIGINT')
    assert.equal((await building.ended).code, 130)
    await building.gone()
    assertNothingLeft()

    const hungUp = start(context, [...args, '--build', 'sleep 600'], environment)
    await hungUp.says(/^building main/m)
    hungUp.signal('SIGHUP')
    assert.equal((await hungUp.ended).code, 130)
    await hungUp.gone()
    assertNothingLeft()

    const running = start(context, args, { ...environment, RTBENCH_DURATION: '60s' })
    await running.says(/websocket #1 of main/)
    await running.processes('worker-process')
    running.signal('SIGTERM')
    assert.equal((await running.ended).code, 130)
    await running.gone()
    assertNothingLeft()
  })

  test('Ctrl-C while git checks the commit out: exit 130, and nothing is left', async (context) => {
    const slow = join(folder, 'slow-git')
    mkdirSync(slow, { recursive: true })
    // As git with a large tree does, it is under way when half of it is there.
    writeFileSync(
      join(slow, 'git'),
      `#!/bin/sh
PATH=\${PATH#*:}
git "$@" || exit
case "$*" in *'worktree add'*) touch '${join(slow, 'added')}'; exec sleep 600;; esac
`,
      { mode: 0o755 },
    )
    const path = `${slow}:${process.env['PATH']}`
    const args = ['ci', 'short.yaml', '--against', 'main', '--serve', SERVE]
    const command = start(context, args, { ...environment, PATH: path })
    const untilMs = performance.now() + 40_000
    while (!existsSync(join(slow, 'added'))) {
      assert.ok(performance.now() < untilMs, 'git has not checked it out')
      await sleep(20)
    }
    command.signal('SIGINT')
    const { code, stdout, stderr } = await command.ended
    assert.deepEqual([code, stdout], [130, ''])
    assert.match(stderr, /^rtbench: stopped before anything was measured$/m)
    await command.gone()
    assertNothingLeft()
  })

  test('a killed rtbench has saved its runs; what it leaves is ended, and removed by the next', async (context) => {
    const args = ['ci', 'short.yaml', '--against', 'main', '--serve', SERVE]
    const out = join(folder, 'kept')
    const killed = start(
      context,
      [...args, '--only', 'deterministic', '--repeat', '5', '--out', out],
      environment,
    )
    await killed.says(/^main \(\w+\) in a folder for itself; there is nothing to build$/m)
    await killed.says(/websocket #2 of/)
    await killed.processes('worker-process')
    killed.signal('SIGKILL')
    await killed.ended
    await killed.gone()
    const kept = readdirSync(out).filter((name) => name.endsWith('.json'))
    const results = await Promise.all(kept.map((name) => readResult(join(out, name))))
    assert.equal(results.length, 2)
    for (const { runs, missing } of results) {
      // The one before, and on a slow machine perhaps that of the kill.
      assert.ok(runs.length >= 1 && runs.length < 5, `${runs.length} runs`)
      // How many there would have been nobody knew.
      assert.deepEqual(missing, [])
    }
    assert.equal(readdirSync(temporary).length, 1)
    // As a git that is killed leaves it.
    git('worktree', 'lock', join(temporary, readdirSync(temporary)[0] ?? '', 'tree'))
    // Somebody's who lives, and one of another host.
    const [left = ''] = readdirSync(temporary)
    const others = [
      left.replace(/-\d+-/, `-${process.pid}-`),
      left.replace(/-against-/, '-against-x'),
    ]
    for (const other of others) {
      git('worktree', 'add', '--detach', '--quiet', join(temporary, other, 'tree'), 'main')
    }
    const build = ['--build', 'exit 9']
    assert.equal((await ci(context, '--against', 'main', '--serve', SERVE, ...build)).code, 1)
    assert.deepEqual(readdirSync(temporary).sort(), others.sort())
    for (const other of others) {
      git('worktree', 'remove', '--force', join(temporary, other, 'tree'))
      rmSync(join(temporary, other), { recursive: true })
    }
    assertNothingLeft()
  })
})
