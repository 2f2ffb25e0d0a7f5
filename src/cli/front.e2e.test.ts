/** A run whose clients go through a front: what it tells, how it ends, and that nothing is left of it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { balancers } from '../balancer/registry.ts'
import { installed } from '../balancer/running.ts'
import type { Run } from '../result/document.ts'
import { type Command, parseResult, run, start } from './command.conformance.ts'

const CLIENTS = 60
const FEW = ['--clients', `${CLIENTS}`, '--rate', '2', '--no-save', '--allow-invalid']
const SHORT = [...FEW, '--duration', '2s', '--warmup', '1s']

function absence(name: string): string | false {
  const balancer = balancers.find((one) => one.name === name)
  if (balancer === undefined) return 'no such front'
  try {
    installed(balancer)
    return false
  } catch {
    return `${balancer.label} is not here: apt-get install ${balancer.package}`
  }
}

async function runsThrough(context: TestContext, ...words: readonly string[]) {
  const { code, stdout, stderr } = await run(context, ['run', ...SHORT, '--json', ...words])
  assert.equal(code, 0, stderr)
  return { runs: parseResult(stdout).runs, stderr }
}

/** A command's front: its folder, which its guard is told, and its processes; nginx hides its environment. */
async function frontOf(command: Command) {
  const [guard = 0] = await command.processes('rtbench-front')
  const words = readFileSync(`/proc/${guard}/cmdline`, 'utf8').split('\0')
  const pids = readdirSync('/proc').filter((name) => {
    const [, , program = '', group] = /^(\d+) \((.*)\) \S+ \d+ (\d+)/s.exec(statOf(name)) ?? []
    return program !== 'sh' && Number(group) === guard
  })
  return {
    folder: words.find((word) => word.startsWith(tmpdir())) ?? '',
    /** The master first, which was there before its workers. */
    pids: pids.map(Number).sort((one, other) => one - other),
  }
}

/** Empty for a process that is gone, or a zombie. */
function statOf(pid: string | number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^\d+ \(.*\) Z .*$/s, '')
  } catch {
    return ''
  }
}

for (const { name, label } of balancers) {
  const skip = absence(name)
  describe(`a run through ${label}`, { skip, concurrency: 2 }, () => {
    it('delivers all by each technique, and tells what the front took', async (context) => {
      for (const engine of ['lean', 'library']) {
        const words = ['--front', name, '--instances', '1', '--engine', engine, '--hold', '1s']
        const { runs, stderr } = await runsThrough(context, ...words)
        assert.match(stderr, new RegExp(`1 server instance, ${name} before them`))
        assert.equal(runs.length, 4)
        for (const { transport, delivery, clients, errors, front, technique } of runs) {
          const told = `${transport} by ${engine}`
          assert.deepEqual([delivery.lost, delivery.duplicates, errors], [0, 0, {}], told)
          assert.ok(delivery.delivered > CLIENTS && clients.connected === CLIENTS, told)
          assert.deepEqual([front?.program, front?.balance], [name, 'round-robin'])
          assert.match(front?.version ?? '', /^\d+\.\d+/)
          assert.ok((front?.cpuUtilisation ?? 0) > 0 && (front?.rssBytes ?? 0) > 1e6, told)
          const held = technique.traits.keepsInterval ? null : 1
          assert.equal(front?.heldByInstance?.length ?? null, held, told)
        }
      }
    })

    it('spreads clients over instances as it is told to', async (context) => {
      for (const balance of ['round-robin', 'cookie', 'least-connections']) {
        const words = ['--front', name, '--instances', '3', '--balance', balance]
        const { runs } = await runsThrough(context, ...words, '--transport', 'sse')
        const [measured] = runs as [Run]
        const held = measured.front?.heldByInstance ?? []
        // The probe, where there is one, is a client as well.
        assert.equal(held.length, 3)
        for (const each of held) assert.ok(Math.abs(each - CLIENTS / 3) <= 2, `${balance}: ${held}`)
      }
    })

    it('drains shortly when it is interrupted, through a front that is still there', async (context) => {
      const words = ['--front', name, '--transport', 'websocket', '--duration', '60s', '--json']
      const command = start(context, ['run', ...FEW, ...words])
      await command.says(/steady/)
      await sleep(700)
      command.signal('SIGINT')
      const { code, stdout, stderr } = await command.ended
      assert.equal(code, 130, stderr)
      await command.gone()
      const [measured] = parseResult(stdout).runs as [Run]
      assert.deepEqual([measured.delivery.lost, measured.errors], [0, {}])
    })

    it('leaves no front behind when it is killed', async (context) => {
      const words = ['--front', name, '--transport', 'sse', '--duration', '60s']
      const command = start(context, ['run', ...FEW, ...words])
      await command.says(/steady/)
      const { folder, pids } = await frontOf(command)
      assert.ok(existsSync(folder) && pids.length > 0, folder)
      command.signal('SIGKILL')
      await command.ended
      // The guard is the last to go.
      await command.gone()
      assert.equal(existsSync(folder), false)
      assert.deepEqual(
        pids.map(statOf),
        pids.map(() => ''),
      )
    })

    it('is partial when the front is lost, and says so', async (context) => {
      const words = ['--front', name, '--transport', 'sse', '--duration', '30s', '--json']
      const command = start(context, ['run', ...FEW, ...words])
      await command.says(/steady/)
      await sleep(700)
      const { pids } = await frontOf(command)
      process.kill(pids[0] ?? 0, 'SIGKILL')
      const { code, stdout, stderr } = await command.ended
      await command.gone()
      assert.equal(code, 5, stderr)
      const [measured] = parseResult(stdout).runs as [Run]
      assert.deepEqual(
        pids.map(statOf),
        pids.map(() => ''),
      )
      assert.ok(measured.partial && measured.durationMs < 20_000)
      const lost = measured.validity.reasons.find((reason) => reason.code === 'front-lost')
      assert.match(lost?.message ?? '', new RegExp(`^${label} ended`))
      assert.ok(!measured.validity.reasons.some((reason) => reason.code === 'server-lost'))
    })

    it('prints what it would write, whether or not the program is there', async (context) => {
      const words = [
        'run',
        '--front',
        name,
        '--instances',
        '2',
        '--balance',
        'hash',
        '--print-front',
      ]
      const { code, stdout, stderr } = await run(context, words, { PATH: '' })
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /^# /)
      for (const port of [8080, 8081, 8082])
        assert.match(stdout, new RegExp(`127\\.0\\.0\\.1:${port}`))
      assert.match(stdout, /consistent/)
    })
  })
}
