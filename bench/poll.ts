/**
 * Closed-loop short polling against peers on the same server: requests per second of rtbench, wrk
 * and autocannon, each with as many connections, the server on one core and the client on another.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { request } from 'undici'
import { describeRatio, median } from './ratio.ts'

const CONNECTIONS = 64
const ROUNDS = 5
const SECONDS = 5
const SERVER_CORE = '0'
const CLIENT_CORE = '1'
/** The least that rtbench's rate may be of the peer's. */
const BARS = { autocannon: 1.4, wrk: 0.95 }
const COMMAND = join(import.meta.dirname, '..', '..', '..', 'bin', 'rtbench.js')

type Peer = 'rtbench' | keyof typeof BARS

export async function poll(print: (line: string) => void, part: string | undefined): Promise<void> {
  const peers = (Object.keys(BARS) as (keyof typeof BARS)[]).filter(
    (peer) => part === undefined || part === peer,
  )
  print(
    `poll: closed loop, ${CONNECTIONS} connections, ${SECONDS} s, ${ROUNDS} rounds, one core each side`,
  )
  const server = await Server.start()
  try {
    const rates: Record<Peer, number[]> = { rtbench: [], autocannon: [], wrk: [] }
    for (let round = 0; round < ROUNDS; round++) {
      const turns: Peer[] = ['rtbench', ...peers]
      for (const peer of round % 2 === 0 ? turns : turns.reverse()) {
        rates[peer].push(await MEASURES[peer](server))
      }
    }
    for (const peer of peers) {
      const line = describeRatio({
        name: `requests/s over ${peer}'s`,
        of: rates.rtbench,
        to: rates[peer],
        unit: '/s',
        bar: BARS[peer],
        atLeast: true,
      })
      print(`  ${line}`)
    }
    print(`  rtbench ${median(rates.rtbench).toFixed(0)} requests/s`)
  } finally {
    await server.stop()
  }
}

const MEASURES: Readonly<Record<Peer, (server: Server) => Promise<number>>> = {
  async rtbench({ origin }) {
    const text = await run(CLIENT_CORE, process.execPath, [
      COMMAND,
      'run',
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
    const text = await run(CLIENT_CORE, process.execPath, [
      program,
      ...['-c', String(CONNECTIONS)],
      ...['-d', String(SECONDS)],
      '--json',
      origin + path,
    ])
    return (JSON.parse(text) as { requests: { average: number } }).requests.average
  },
  async wrk({ origin, path }) {
    const text = await run(CLIENT_CORE, 'wrk', [
      '-t1',
      `-c${CONNECTIONS}`,
      `-d${SECONDS}s`,
      origin + path,
    ])
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN)
  },
}

/** The reference server on a core of its own. */
class Server {
  readonly origin: string
  /** Asks what is new after an id, which is nothing. */
  readonly path: string
  readonly #stop: () => Promise<void>

  private constructor(origin: string, path: string, stop: () => Promise<void>) {
    this.origin = origin
    this.path = path
    this.#stop = stop
  }

  static async start(): Promise<Server> {
    const child = spawn(
      'taskset',
      ['-c', SERVER_CORE, process.execPath, COMMAND, 'serve', '--port', '0'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    // Whatever happens here, it does not outlive the bench.
    process.once('exit', () => child.kill())
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const origin = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`the server ended: ${text}`)))
      child.stderr.on('data', (bytes: Buffer) => {
        text += bytes
        const found = /serves on (http:\/\/[\d.]+:\d+)/.exec(text)?.[1]
        if (found !== undefined) resolve(found)
      })
    })
    const { body } = await request(`${origin}/poll?channel=a`)
    const { lastEventId } = (await body.json()) as { lastEventId: string }
    return new Server(origin, `/poll?channel=a&lastEventId=${lastEventId}`, async () => {
      child.kill('SIGTERM')
      await gone
    })
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

/** Runs a program on a core; resolves with what it wrote to stdout. */
function run(core: string, program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', core, program, ...args], {
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
