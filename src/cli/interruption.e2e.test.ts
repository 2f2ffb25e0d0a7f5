import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../result/document.ts'
import {
  assertRefused,
  type Command,
  folder,
  lastOfEach,
  needsProc,
  parseResult,
  start,
} from './command.conformance.ts'

/** Long enough that only an interruption ends it in time. */
const long = ['--duration', '60s', '--warmup', '100ms', '--rate', '10']
/** Long enough for a slow machine to hit it within, and to be waited for. */
const short = ['--duration', '4s', '--warmup', '100ms', '--rate', '10']

function startRun(context: TestContext, args: readonly string[]): Command {
  const words = ['run', '--clients', '20', '--json', '--transport', 'sse', ...args]
  return start(context, lastOfEach(words))
}

async function endOf(command: Command, code: number): Promise<{ run: Run; stderr: string }> {
  const ended = await command.ended
  assert.equal(ended.code, code, ended.stderr)
  await command.gone()
  const [run] = parseResult(ended.stdout).runs
  assert.ok(run)
  return { run, stderr: ended.stderr }
}

/** Every process that a test wants to hit. */
async function hit(command: Command, module: string, signal: NodeJS.Signals): Promise<void> {
  const [pid] = await command.processes(module)
  assert.ok(pid)
  process.kill(pid, signal)
}

function codesOf(run: Run): readonly string[] {
  return run.validity.reasons.map(({ code }) => code)
}

function assertBalanced(run: Run): void {
  const { expected, delivered, lost } = run.delivery
  assert.equal(expected, delivered + lost)
  assert.ok(!codesOf(run).includes('accounting'), JSON.stringify(run.validity))
}

async function quickly<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  const since = performance.now()
  const value = await work
  assert.ok(performance.now() - since < ms, `it took ${performance.now() - since} ms`)
  return value
}

describe('a run that is interrupted', { concurrency: 3 }, () => {
  it('before its server is started, measures nothing', async (context) => {
    const command = startRun(context, [...long, '--repeat', '2', '--no-save'])
    await command.processes('echo-process')
    command.signal('SIGINT')
    const { code, stdout, stderr } = await quickly(command.ended, 8_000)
    assert.equal(code, 130, stderr)
    // A slow machine sends the signal when the echo is over.
    if (stdout === '') assert.match(stderr, /stopped before anything was measured/)
    else assert.equal(parseResult(stdout).runs[0]?.durationMs, 0)
    await command.gone()
  })

  it('drains shortly, and keeps what it has measured', async (context) => {
    const command = startRun(context, [...long, '--rate', '100', '--out', 'kept'])
    await command.says(/steady/)
    await sleep(700)
    command.signal('SIGINT')
    const { run, stderr } = await quickly(endOf(command, 130), 8_000)
    assert.deepEqual([run.partial, run.interrupted], [true, true])
    assert.ok(run.durationMs > 300 && run.durationMs < 30_000, `${run.durationMs} ms`)
    assert.deepEqual(codesOf(run).filter((code) => code === 'interrupted').length, 1)
    assert.ok(run.delivery.delivered > 100)
    assert.deepEqual([run.delivery.lost, run.publisher.dropped], [0, 0])
    assertBalanced(run)
    assert.match(stderr, /stopping; once more to stop at once/)
    const saved = readdirSync(join(folder, 'kept')).sort()
    assert.equal(saved.length, 3)
    assert.deepEqual(parseResult(readFileSync(join(folder, 'kept', saved[0] ?? ''), 'utf8')).runs, [
      run,
    ])
  })

  it('leaves out the transports to come', async (context) => {
    const command = startRun(context, [...long, '--transport', 'websocket,sse', '--no-save'])
    await command.says(/steady/)
    command.signal('SIGTERM')
    const { run } = await quickly(endOf(command, 130), 8_000)
    assert.equal(run.transport, 'websocket')
  })

  for (const phase of ['ramp-up', 'warm-up']) {
    it(`ends in the ${phase} as well`, async (context) => {
      const times = { 'ramp-up': ['--ramp-up', '30s'], 'warm-up': ['--warmup', '50s'] }[phase] ?? []
      const command = startRun(context, [...long, ...times, '--no-save'])
      await command.says(new RegExp(phase))
      command.signal('SIGINT')
      const { run } = await quickly(endOf(command, 130), 8_000)
      assert.deepEqual([run.partial, run.interrupted, run.durationMs], [true, true, 0])
      assert.equal(run.delivery.expected, 0)
      assertBalanced(run)
    })
  }

  it('has nothing to show when it had not begun', async (context) => {
    const command = startRun(context, [...long, '--no-save'])
    await command.processes('server-process')
    command.signal('SIGINT')
    const { code, stdout } = await quickly(command.ended, 8_000)
    assert.equal(code, 130)
    if (stdout !== '') assert.equal(parseResult(stdout).runs[0]?.interrupted, true)
    await command.gone()
  })

  it('keeps what it has measured for advice, and gives none', async (context) => {
    const wanted = ['--users', '20', '--rate', '10', '--latency', '2s', '--out', 'advised']
    const command = start(context, ['advise', '--measure', ...wanted])
    await command.says(/run 1 of \d+ +\S+ +steady/)
    command.signal('SIGINT')
    const { code, stdout, stderr } = await quickly(command.ended, 8_000)
    assert.deepEqual([code, stdout], [130, ''], stderr)
    assert.match(stderr, /^rtbench: interrupted before all was measured: there is no advice$/m)
    const [name = ''] = readdirSync(join(folder, 'advised'))
    const { runs } = parseResult(readFileSync(join(folder, 'advised', name), 'utf8'))
    assert.equal(runs.length, 1)
    await command.gone()
  })

  it('waits for nobody when told twice, and keeps what it has measured', async (context) => {
    // A worker does not answer, so that the first signal does not end it quickly.
    const command = startRun(context, [...long, '--rate', '100', '--out', 'hurried'])
    await command.says(/steady/)
    await sleep(2_500)
    if (process.platform === 'linux') await hit(command, 'worker-process', 'SIGSTOP')
    command.signal('SIGINT')
    await command.says(/stopping;/)
    command.signal('SIGINT')
    const { run, stderr } = await quickly(endOf(command, 130), 4_000)
    assert.match(stderr, /stopping at once;/)
    assert.deepEqual([run.partial, run.interrupted], [true, true])
    // A worker that was not waited for is not lost.
    assert.ok(!codesOf(run).some((code) => code.endsWith('-lost')), codesOf(run).join())
    assert.ok(run.delivery.delivered > 100)
    assertBalanced(run)
    const [name = ''] = readdirSync(join(folder, 'hurried')).sort()
    const saved = parseResult(readFileSync(join(folder, 'hurried', name), 'utf8'))
    assert.deepEqual(saved.runs, [run])
  })

  it('keeps the whole window when told twice in the drain', needsProc, async (context) => {
    const load = ['--transport', 'long-poll', '--hold', '30s', '--duration', '2s', '--rate', '20']
    const command = startRun(context, [...long, ...load, '--no-save'])
    await command.says(/steady/)
    // What it owes would be waited for until the longest hold is over.
    await hit(command, 'server-process', 'SIGSTOP')
    await command.says(/drain/)
    command.signal('SIGINT')
    await command.says(/stopping;/)
    command.signal('SIGINT')
    const { run } = await quickly(endOf(command, 130), 4_000)
    assert.deepEqual([run.durationMs, run.interrupted], [2_000, true])
    assertBalanced(run)
  })

  it('leaves at once when told three times', needsProc, async (context) => {
    const command = startRun(context, [...long, '--no-save'])
    await command.says(/steady/)
    command.signal('SIGINT')
    command.signal('SIGTERM')
    command.signal('SIGHUP')
    const { code, stdout } = await quickly(command.ended, 4_000)
    // Signals that come together are told in any order, but each of them is.
    assert.deepEqual([code, stdout], [130, ''])
    await command.gone()
  })

  it('leaves no process behind when it is killed', needsProc, async (context) => {
    const command = startRun(context, [...long, '--workers', '2', '--instances', '2', '--no-save'])
    await command.says(/steady/)
    for (const [module, count] of [
      ['worker-process', 2],
      ['server-process', 2],
      ['publisher-process', 1],
    ] as const) {
      assert.equal((await command.processes(module)).length, count)
    }
    command.signal('SIGKILL')
    await command.ended
    await command.gone()
  })
})

describe('a run that loses a process', { concurrency: 3, ...needsProc }, () => {
  it('keeps the last word of a worker that was killed', async (context) => {
    const command = startRun(context, [...short, '--workers', '2', '--no-save'])
    await command.says(/steady/)
    await hit(command, 'worker-process', 'SIGKILL')
    const { run } = await endOf(command, 5)
    assert.deepEqual([run.partial, run.interrupted], [true, false])
    assert.ok(codesOf(run).includes('worker-lost'))
    assert.equal(run.durationMs, 4000)
    assert.ok(run.delivery.delivered > 0)
    assertBalanced(run)
  })

  it('ends early when no worker is left', async (context) => {
    const command = startRun(context, [...long, '--workers', '1', '--no-save'])
    await command.says(/steady/)
    await hit(command, 'worker-process', 'SIGKILL')
    const { run } = await quickly(endOf(command, 5), 8_000)
    assert.ok(codesOf(run).includes('worker-lost'))
    assertBalanced(run)
  })

  it('could not run when no worker survives the start', async (context) => {
    const command = startRun(context, [...long, '--ramp-up', '30s', '--quiet', '--no-save'])
    await hit(command, 'worker-process', 'SIGKILL')
    const ended = await quickly(command.ended, 8_000)
    assertRefused(ended, 1, /every worker ended/)
    await command.gone()
  })

  it('keeps the runs before and after the one that could not be measured', async (context) => {
    const command = startRun(context, [
      ...['--duration', '500ms', '--warmup', '0', '--rate', '10', '--ramp-up', '2s'],
      ...['--transport', 'websocket,sse,long-poll', '--out', 'first'],
    ])
    await command.says(/run 2 of 3 {2}sse {2}ramp-up/)
    // It is on the disk before the next one begins.
    const [name = ''] = readdirSync(join(folder, 'first')).sort()
    const kept = parseResult(readFileSync(join(folder, 'first', name), 'utf8'))
    assert.deepEqual([kept.runs.length, kept.missing.length], [1, 2])
    await hit(command, 'worker-process', 'SIGKILL')
    const { code, stdout, stderr } = await command.ended
    assert.equal(code, 5, stderr)
    assert.match(stderr, /^rtbench: sse #1 could not be measured: every worker ended/m)
    const result = parseResult(stdout)
    assert.deepEqual(
      [result.runs, result.missing].map((runs) => runs.map(({ transport }) => transport)),
      [['websocket', 'long-poll'], ['sse']],
    )
    assert.deepEqual(parseResult(readFileSync(join(folder, 'first', name), 'utf8')), result)
    await command.gone()
  })

  it('gives up a worker that does not answer', async (context) => {
    const command = startRun(context, [...short, '--workers', '2', '--no-save'])
    await command.says(/steady/)
    await hit(command, 'worker-process', 'SIGSTOP')
    const { run } = await quickly(endOf(command, 5), 20_000)
    assert.ok(codesOf(run).includes('worker-lost'))
    assertBalanced(run)
  })

  it('ends early when its only server is killed', async (context) => {
    const command = startRun(context, [...long, '--threshold', 'lost==0', '--no-save'])
    await command.says(/steady/)
    await hit(command, 'server-process', 'SIGKILL')
    const { run, stderr } = await quickly(endOf(command, 5), 15_000)
    assert.equal(run.partial, true)
    assert.ok(codesOf(run).includes('server-lost'))
    assert.ok(run.durationMs < 30_000, `${run.durationMs} ms`)
    assert.ok(
      run.timeline.length <= Math.ceil(run.durationMs / 1000),
      'a timeline of its own length',
    )
    assert.ok(Object.values(run.errors).reduce((sum, count) => sum + count, 0) >= 20)
    assert.doesNotMatch(stderr, /nobody foresaw/)
    assertBalanced(run)
  })

  it('goes on with the server that is left', async (context) => {
    const command = startRun(context, [...short, '--instances', '2', '--no-save'])
    await command.says(/steady/)
    await hit(command, 'server-process', 'SIGKILL')
    const { run } = await endOf(command, 5)
    assert.ok(codesOf(run).includes('server-lost'))
    assert.equal(run.durationMs, 4000)
    assert.ok(run.delivery.delivered > 0 && run.delivery.lost > 0 && run.publisher.dropped > 0)
    assertBalanced(run)
  })

  it('could not run when its server is gone before the window', async (context) => {
    const command = startRun(context, [...long, '--ramp-up', '30s', '--quiet', '--no-save'])
    await command.processes('worker-process')
    await hit(command, 'server-process', 'SIGKILL')
    const ended = await quickly(command.ended, 8_000)
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /^rtbench: the server ended before the window began; [^\n]+\n$/)
    await command.gone()
  })

  it('ends early when its publisher is killed, and says so', async (context) => {
    const command = startRun(context, [...long, '--no-save'])
    await command.says(/steady/)
    await hit(command, 'publisher-process', 'SIGKILL')
    const { run } = await quickly(endOf(command, 5), 15_000)
    assert.ok(codesOf(run).includes('publisher-lost'))
    assertBalanced(run)
  })
})
