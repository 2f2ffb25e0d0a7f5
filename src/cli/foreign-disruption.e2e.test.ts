/** Servers that somebody else has started are disrupted from outside, and their histories judged. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  assertRefused,
  lastOfEach,
  needsProc,
  parseResult,
  run,
  start,
} from './command.conformance.ts'
import { Nchan, needsNchan } from './nchan.conformance.ts'
import { root } from './root.conformance.ts'

const SMALL = [
  ...['--clients', '12', '--channels', '3', '--rate', '10', '--duration', '2s', '--seed', '3'],
  ...['--warmup', '300ms', '--interval', '40ms', '--json', '--no-save'],
  ...['--quiet', '--allow-invalid'],
]
const NCHAN = ['run', join(root, 'scenarios', 'nchan.yaml'), ...SMALL]

/** Whether a process and all its children stand still: `T`. */
function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return / T /.test(stat.slice(stat.lastIndexOf(')')))
}

async function becomes(pid: number, stopped: boolean): Promise<void> {
  for (let steps = 0; steps < 1_000; steps++) {
    if (isStopped(pid) === stopped) return
    await sleep(20)
  }
  assert.fail(`process ${pid} never ${stopped ? 'stood still' : 'went on'}`)
}

describe("somebody else's server", { concurrency: 2 }, () => {
  for (const disruption of [
    'cut=50%@500ms',
    'blackhole=50%/500ms@500ms',
    'stop-instance=700ms@500ms',
  ]) {
    it(`nchan keeps the law: ${disruption}`, { ...needsNchan, ...needsProc }, async (context) => {
      const nchan = await Nchan.start(context)
      const name = `${disruption.split('=', 1)[0]}.jsonl`
      const pid = disruption.startsWith('stop') ? ['--server-pid', `${nchan.pid}`] : []
      const args = [...NCHAN, '--url', nchan.url, '--disrupt', disruption, '--history', name]
      const { code, stdout, stderr } = await run(context, [...args, ...pid])
      assert.deepEqual([code, stderr], [0, ''])
      const { runs } = parseResult(stdout)
      assert.equal(runs.length, 4)
      for (const { disruptions, transport } of runs) {
        assert.deepEqual([disruptions?.length, disruptions?.[0]?.problem], [1, null], transport)
      }
      const audit = await run(context, ['audit', name, '--json'])
      assert.equal(audit.code, 0, audit.stdout)
      const verdict = JSON.parse(audit.stdout) as {
        readonly runs: readonly { readonly owed: number; readonly kept: number }[]
      }
      for (const { owed, kept } of verdict.runs) assert.ok(owed > 50 && kept === owed)
    })
  }

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`goes on after ${signal} while it was stopped`, needsProc, async (context) => {
      const server = start(context, ['serve', '--port', '0'])
      const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
      const [pid = 0] = await server.processes('rtbench.js')
      const stop = ['--disrupt', 'stop-instance=1m@500ms', '--server-pid', String(pid)]
      const args = ['run', ...SMALL, '--transport', 'sse', '--duration', '60s', '--url', url]
      const command = start(context, lastOfEach([...args, ...stop]))
      await becomes(pid, true)
      command.signal(signal)
      await command.ended
      await becomes(pid, false)
      await command.gone()
      server.signal('SIGTERM')
      assert.equal((await server.ended).code, 0)
    })
  }

  it('is not stopped where that cannot be, and one line says why', needsProc, async (context) => {
    const server = start(context, ['serve', '--port', '0'])
    const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
    const stop = ['--url', url, '--disrupt', 'stop-instance=1s@1s']
    for (const [args, problem] of [
      [stop, /--server-pid: is missing: stop-instance wants the process of the server at --url/],
      [[...stop, '--server-pid', '1'], /is no process id/],
      [[...stop, '--server-pid', 'nginx'], /is no process id/],
      [[...stop, '--server-pid', '999999999'], /is no process here/],
      [[...stop, '--server-pid', `${process.pid}`], /is what rtbench runs under/],
      [['--url', url, '--server-pid', `${process.pid}`], /of no use without --disrupt/],
      [['--server-pid', '4711', '--disrupt', 'stop-instance=1s@1s'], /of no use without --url/],
    ] as const) {
      assertRefused(
        await run(context, ['run', '--duration', '5s', '--no-save', '--quiet', ...args]),
        2,
        problem,
      )
    }
  })
})
