/**
 * Closed-loop short polling against peers on the same server: requests per second of rtbench, wrk
 * and autocannon, each with as many connections, the server on one core and the client on another.
 *
 * On the reference server the server's core is what is full, whoever asks: that says whether a
 * client can fill it. nginx answers several times as fast, so that the client's core is full: that
 * says what a client can do.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { hasNginx, type PolledServer, startNginx, startReference } from './polled-server.ts'
import { COMMAND } from './program.ts'
import { describeRatio, median } from './ratio.ts'

const CONNECTIONS = 64
const ROUNDS = 5
const SECONDS = 5
const SERVER_CORE = '0'
const CLIENT_CORE = '1'
/** The least that rtbench's rate may be of the peer's. */
const BARS = { autocannon: 1.4, wrk: 0.95 }

type Peer = keyof typeof BARS
type Client = 'rtbench' | Peer

const SERVERS = [
  { name: 'reference', start: startReference, isThere: () => true },
  { name: 'nginx', start: startNginx, isThere: hasNginx },
]

export async function poll(print: (line: string) => void, part: string | undefined): Promise<void> {
  print(
    `poll: closed loop, ${CONNECTIONS} connections, ${SECONDS} s, ${ROUNDS} rounds, one core each side`,
  )
  for (const { name, start, isThere } of SERVERS) {
    if (part !== undefined && part !== name) continue
    if (isThere()) await pollServer(name, await start(SERVER_CORE), print)
    else print(`  ${name} is not installed: nothing measured with it`)
  }
}

async function pollServer(
  name: string,
  server: PolledServer,
  print: (line: string) => void,
): Promise<void> {
  const rates: Record<Client, number[]> = { rtbench: [], autocannon: [], wrk: [] }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const turns = Object.keys(rates) as Client[]
      for (const client of round % 2 === 0 ? turns : turns.reverse()) {
        rates[client].push(await MEASURES[client](server))
      }
    }
  } finally {
    await server.stop()
  }
  for (const peer of Object.keys(BARS) as Peer[]) {
    const line = describeRatio({
      name: `${name}: over ${peer}'s`,
      of: rates.rtbench,
      to: rates[peer],
      unit: '/s',
      bar: BARS[peer],
      atLeast: true,
    })
    print(`  ${line}`)
  }
  print(`  ${name}: rtbench ${median(rates.rtbench).toFixed(0)} requests/s`)
}

const MEASURES: Readonly<Record<Client, (server: PolledServer) => Promise<number>>> = {
  async rtbench({ origin, scenario }) {
    const text = await run(process.execPath, [
      COMMAND,
      'run',
      ...(scenario === null ? [] : [scenario]),
      ...['--url', origin],
      ...['--transport', 'short-poll'],
      ...['--interval', '0'],
      ...['--clients', String(CONNECTIONS)],
      ...['--rate', '0'],
      ...['--duration', `${SECONDS}s`],
      ...['--warmup', '1s'],
      ...['--json', '--no-save', '--quiet', '--allow-invalid'],
    ])
    const result = JSON.parse(text) as {
      runs: { throughput: { exchangesPerSecond: number } }[]
    }
    return result.runs[0]?.throughput.exchangesPerSecond ?? Number.NaN
  },
  async autocannon({ origin, path }) {
    const program = createRequire(import.meta.url).resolve('autocannon')
    const text = await run(process.execPath, [
      program,
      ...['-c', String(CONNECTIONS)],
      ...['-d', String(SECONDS)],
      '--json',
      origin + path,
    ])
    return (JSON.parse(text) as { requests: { average: number } }).requests.average
  },
  async wrk({ origin, path }) {
    const text = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, origin + path])
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN)
  },
}

/** Runs a client on its core; resolves with what it wrote to stdout. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', CLIENT_CORE, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes
    })
    child.stderr.on('data', (bytes: Buffer) => {
      errors += bytes
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ended with ${code}: ${errors}`))
    })
  })
}
