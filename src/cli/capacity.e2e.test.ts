import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { Capacity } from '../result/capacity.ts'
import type { Result } from '../result/document.ts'
import {
  type Command,
  folder,
  lastOfEach,
  needsProc,
  parseResult,
  run,
  start,
} from './command.conformance.ts'

const small = [
  ...['capacity', '--transport', 'sse', '--from', '10', '--duration', '500ms', '--warmup', '100ms'],
  ...['--rate', '2', '--arrivals', 'constant', '--seed', '3', '--precision', '50%'],
]

/** The values that were measured; a busy machine's invalid measurements are repeated. */
function evidence({ steps }: Capacity): readonly number[] {
  return steps.filter(({ cause }) => cause !== 'instrument').map(({ value }) => value)
}

function capacityOf({ capacity }: Result): Capacity {
  assert.ok(capacity)
  return capacity
}

/** Starts a search and waits for its second step. */
async function inSecondStep(context: TestContext, out: string): Promise<Command> {
  const args = ['--limit', 'connected<=1000', '--json', '--out', out, '--duration', '3s']
  const command = start(context, lastOfEach([...small, ...args]))
  await command.says(/20 clients\n[\s\S]*steady [^\n]*\/20 connected/)
  return command
}

function savedIn(out: string): Result {
  const names = readdirSync(join(folder, out)).sort()
  assert.deepEqual(
    names.map((name) => name.split('.').at(-1)),
    ['json', 'md', 'svg'],
  )
  return parseResult(readFileSync(join(folder, out, names[0] ?? ''), 'utf8'))
}

describe('capacity', { concurrency: 2 }, () => {
  it('finds the most clients that keep a limit, confirms and saves them', async (context) => {
    const args = [...small, '--limit', 'connected<=30', '--json', '--out', 'found']
    const { code, stdout, stderr } = await run(context, args)
    assert.equal(code, 0, stderr)
    const result = parseResult(stdout)
    const capacity = capacityOf(result)
    assert.deepEqual([capacity.answer, capacity.endedBy], [28, 'limit'])
    assert.deepEqual(evidence(capacity), [10, 20, 40, 28, 28])
    const { search, limits, from, precision } = capacity
    assert.deepEqual([search, limits, from, precision], ['clients', ['connected<=30'], 10, 0.5])
    const missed = capacity.steps.find(({ value }) => value === 40)
    assert.deepEqual([missed?.cause, missed?.figures], ['limit', { connected: 40 }])
    assert.equal(capacity.steps.at(-1)?.confirmed, true)
    assert.deepEqual([result.scenario.clients, result.scenario.repeat], [28, 2])
    assert.deepEqual(
      result.runs.map(({ repetition, clients }) => [repetition, clients.connected]),
      [
        [1, 28],
        [2, 28],
      ],
    )
    assert.match(stderr, /^step 2: 20 clients$/m)
    assert.match(
      stderr,
      /^sse on this machine: 28 clients keep connected<=30 \(.*; at 40 connected was 40$/m,
    )
    assert.deepEqual(savedIn('found'), result)
  })

  it('says that not even the first value keeps the limit', async (context) => {
    const args = ['--limit', 'connected<5', '--no-save', '--quiet']
    const { code, stdout, stderr } = await run(context, [...small, ...args])
    assert.deepEqual([code, stderr], [3, ''])
    assert.match(stdout, /not even 10 clients keep connected<5: at 10 connected was 10/)
    assert.match(stdout, /│ +10 │.*│ missed +│ connected<5: connected was 10 +│/)
  })

  it('searches a rate, at a server that runs already', async (context) => {
    const server = start(context, ['serve', '--port', '0'])
    const [, url = ''] = await server.says(/(http:\/\/127\.0\.0\.1:\d+)/)
    const args = ['--search', 'rate', '--from', '1', '--to', '2', '--clients', '20', '--url', url]
    const { code, stdout, stderr } = await run(context, [
      ...lastOfEach([...small, ...args, '--limit', 'lost==0']),
      ...['--json', '--no-save', '--quiet'],
    ])
    assert.equal(code, 0, stderr)
    const result = parseResult(stdout)
    const capacity = capacityOf(result)
    assert.deepEqual([capacity.answer, capacity.endedBy], [2, 'to'])
    assert.deepEqual(evidence(capacity), [1, 2, 2])
    assert.deepEqual([result.scenario.rate, result.scenario.clients], [2, 20])
  })

  it('keeps what it has measured when it is interrupted', async (context) => {
    const command = await inSecondStep(context, 'stopped')
    command.signal('SIGINT')
    const { code, stdout, stderr } = await command.ended
    assert.equal(code, 130, stderr)
    const result = parseResult(stdout)
    const { answer, endedBy, steps } = capacityOf(result)
    assert.deepEqual([answer, endedBy], [null, 'interrupted'])
    assert.deepEqual([steps.at(-1)?.value, steps.at(-1)?.cause], [20, 'interrupted'])
    assert.deepEqual([result.scenario.clients, result.runs[0]?.interrupted], [10, false])
    assert.match(stderr, /no answer: stopped at 20; 10 clients kept connected<=1000 once/)
    assert.deepEqual(savedIn('stopped'), result)
    await command.gone()
  })

  it('keeps what it has measured when the server is lost', needsProc, async (context) => {
    const command = await inSecondStep(context, 'lost')
    const [pid] = await command.processes('server-process')
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    const { code, stdout, stderr } = await command.ended
    assert.equal(code, 5, stderr)
    const result = parseResult(stdout)
    const { answer, endedBy, steps } = capacityOf(result)
    assert.deepEqual([answer, endedBy, steps.at(-1)?.value], [null, 'lost', 20])
    assert.match(stderr, /at 20 a process was lost \(.*server-lost/)
    assert.deepEqual(savedIn('lost'), result)
    await command.gone()
  })

  it('keeps what it has measured when a step cannot be started', needsProc, async (context) => {
    const args = ['--limit', 'connected<=1000', '--json', '--out', 'failed', '--ramp-up', '2s']
    const command = start(context, [...small, ...args])
    await command.says(/20 clients\n[\s\S]*ramp-up [^\n]*\/20 connected/)
    const [pid] = await command.processes('worker-process')
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    const { code, stdout, stderr } = await command.ended
    assert.equal(code, 5, stderr)
    const { endedBy, steps } = capacityOf(parseResult(stdout))
    assert.deepEqual([endedBy, steps.at(-1)?.value, steps.at(-1)?.verdict], ['failed', 20, null])
    assert.match(stderr, /^rtbench: a step could not be measured: every worker ended/m)
    await command.gone()
  })
})
