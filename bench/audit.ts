/**
 * What judging a history takes, a million deliveries to a thousand clients, and what writing one costs a run: the same
 * load with and without, in turn. `audit/judge` and `audit/write` are the halves.
 */
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Result, resultSchema } from '../src/result/document.ts'
import type { Print } from './bar.ts'
import { inTurn } from './in-turn.ts'
import { COMMAND } from './program.ts'
import { median } from './ratio.ts'

const DELIVERIES = 1_000_000
const CLIENTS = 1_000
const MOST_SECONDS = 30
const MOST_MEGABYTES = 300
const ROUNDS = 5
const LOAD = [
  ...['run', '--transport', 'sse', '--clients', '1000', '--channels', '10', '--rate', '1'],
  ...['--duration', '10s', '--warmup', '4s', '--arrivals', 'constant', '--seed', '1'],
  ...['--json', '--quiet', '--no-save', '--allow-invalid'],
]

export async function audit(print: Print, part: string | undefined, runs = ROUNDS): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-audit-'))
  try {
    if (part !== 'write') await judge(print, join(folder, 'million.jsonl'))
    if (part !== 'judge') await write(print, join(folder, 'run.jsonl'), runs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judge(print: Print, path: string): Promise<void> {
  await writeMillion(path)
  const begunMs = performance.now()
  const time = ['-f', '%M', process.execPath, COMMAND, 'audit', path]
  const { status, stdout, stderr } = spawnSync('/usr/bin/time', time, { encoding: 'utf8' })
  const seconds = (performance.now() - begunMs) / 1e3
  const megabytes = Number(stderr.trim().split('\n').at(-1)) / 1e3
  const holds = status === 0 && seconds < MOST_SECONDS && megabytes < MOST_MEGABYTES
  const size = (statSync(path).size / 1e6).toFixed(0)
  print(`  ${stdout.split('\n')[1]?.trim()} (${size} MB)`)
  print(
    `  judged in ${seconds.toFixed(1)} s, at most ${MOST_SECONDS}, with ${megabytes.toFixed(0)} MB, at most ${MOST_MEGABYTES}: ${holds ? 'holds' : 'MISSED'}`,
  )
}

/** A history of one channel, as a run writes it, whose law was kept. */
async function writeMillion(path: string): Promise<void> {
  const file = createWriteStream(path)
  const put = async (records: readonly object[]): Promise<void> => {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', () => resolve()))
  }
  const clients = Array.from({ length: CLIENTS }, (_, client) => client)
  await put([
    {
      ...{ is: 'run', history: 1, rtbench: '0', transport: 'sse', repetition: 1, seed: 1 },
      ...{ clients: CLIENTS, channels: 1, instances: 1, workload: 'events', disrupted: false },
      startedAt: '',
    },
    { is: 'window', fromUs: 100, toUs: DELIVERIES * 10 },
    ...clients.map((client) => ({ is: 'open', client, atUs: 1 })),
    ...clients.map((client) => ({ is: 'subscribed', client, channel: 0, atUs: 2 })),
  ])
  for (let sequence = 1; sequence <= DELIVERIES / CLIENTS; sequence++) {
    const intendedUs = sequence * 10_000
    const times = { intendedUs, sentUs: intendedUs + 10, settledUs: intendedUs + 900 }
    const publish = { is: 'publish', channel: 0, sequence, ...times, fate: 'acknowledged', by: 0 }
    const event = { is: 'delivery', channel: 0, sequence }
    await put([
      publish,
      ...clients.map((client) => ({ ...event, client, atUs: intendedUs + 500 + client })),
    ])
  }
  const atUs = DELIVERIES * 11
  await put([
    ...clients.map((client) => ({ is: 'left', client, atUs, subscribed: true })),
    { is: 'end', atUs, complete: true, drained: true, counts: null },
  ])
  file.end()
  await finished(file)
}

interface Cost {
  readonly cpuUs: number
  readonly p99Us: number
}

async function write(print: Print, path: string, rounds: number): Promise<void> {
  const measured = (args: readonly string[]) => async (): Promise<Cost> => {
    const { stdout } = spawnSync(process.execPath, [COMMAND, ...LOAD, ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    const { runs } = resultSchema.parse(JSON.parse(stdout)) as Result
    const [run] = runs
    return {
      cpuUs: run?.generator.cpuUsPerDelivery ?? Number.NaN,
      p99Us: run?.latency.p99Us ?? Number.NaN,
    }
  }
  const [without, withIt] = await inTurn(rounds, measured([]), measured(['--history', path]))
  for (const [what, of, unit, scale] of [
    ['generator CPU per delivery', ({ cpuUs }: Cost) => cpuUs, 'µs', 1],
    ['p99', ({ p99Us }: Cost) => p99Us, 'ms', 1_000],
  ] as const) {
    const [one, other] = [without, withIt].map((costs) => median(costs.map(of)) / scale)
    const ratios = withIt.map((cost, at) => of(cost) / of(without[at] as Cost))
    print(
      `  ${what}, with / without: ${other?.toFixed(2)} / ${one?.toFixed(2)} ${unit}, in pairs ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
    )
  }
}
