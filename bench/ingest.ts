/**
 * Is the server's CPU time per delivery that of the delivery? What a server spends on taking events in it
 * spends without a subscriber, too: a bare publisher sends to a server that nobody listens to and to the
 * same with one subscriber, in turn, and the difference is held against what a run says. Its CPU time is
 * the scheduler's: `/proc/<pid>/task/<tid>/schedstat` of proc(5).
 */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { observeRun, onlyRun } from '../src/cli/oracle/observed-run.conformance.ts'
import { NS_PER_SECOND, NS_PER_US, nowNs } from '../src/measure/clock.ts'
import { type Print, printBar } from './bar.ts'
import { type PolledServer, startReference } from './polled-server.ts'
import { median } from './ratio.ts'

const PER_SECOND = 1_000
const STRETCH_MS = 4_000
/** Until a stretch's load has become an even one. */
const SETTLE_MS = 500
const WARM_UP_MS = 3_000
const ROUNDS = 8
const WINDOW_S = 13
const RUN_WARM_UP_S = 12
const BAR = 0.15
const CHANNEL = 'ingest'
const EVENT = JSON.stringify([{ channel: CHANNEL, data: 'x'.repeat(128) }])
const PUBLISH = `POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`

type Unsubscribe = () => void

const SUBSCRIBERS: Readonly<Record<string, (port: number) => Promise<Unsubscribe>>> = {
  async sse(port) {
    const socket = connect(port, '127.0.0.1').resume()
    socket.write(`GET /sse?channel=${CHANNEL} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    await once(socket, 'data')
    return () => socket.destroy()
  },
  async websocket(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'subscribe', channel: CHANNEL }))
    await once(socket, 'message')
    return () => socket.terminate()
  },
}

export async function ingest(
  print: Print,
  part: string | undefined,
  runs: number = ROUNDS,
): Promise<void> {
  print(
    `ingest: ${PER_SECOND} events/s without a subscriber and with one, ${runs} rounds; server CPU, µs`,
  )
  let near = 0
  const transports = Object.keys(SUBSCRIBERS).filter((name) => part === undefined || part === name)
  for (const transport of transports) {
    const server = await startReference()
    try {
      if (await compareOne(print, transport, server, runs)) near++
    } finally {
      await server.stop()
    }
  }
  printBar(print, `CPU per delivery within ${BAR * 100} %`, near, transports.length, 1)
}

async function compareOne(
  print: Print,
  transport: string,
  { origin, pid }: PolledServer,
  rounds: number,
): Promise<boolean> {
  const port = Number(new URL(origin).port)
  const publisher = await startPublisher(port)
  const alone: number[] = []
  const subscribed: number[] = []
  const statedUs: number[] = []
  try {
    await sleep(WARM_UP_MS)
    for (let round = 0; round < rounds; round++) {
      const turns = [
        async () => alone.push(await cpuUsPerEvent(pid, publisher)),
        async () => {
          const unsubscribe = await SUBSCRIBERS[transport]?.(port)
          subscribed.push(await cpuUsPerEvent(pid, publisher))
          unsubscribe?.()
        },
      ]
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
      publisher.pause()
      statedUs.push(await statedByRun(origin, transport, round))
      publisher.go()
    }
  } finally {
    publisher.stop()
  }
  const differences = subscribed.map((cpuUs, round) => cpuUs - (alone[round] ?? Number.NaN))
  const differenceUs = median(differences)
  const range = `${Math.min(...differences).toFixed(1)}–${Math.max(...differences).toFixed(1)}`
  const off = median(statedUs) / differenceUs - 1
  const isNear = Math.abs(off) <= BAR
  print(
    `  ${transport.padEnd(10)} ${median(subscribed).toFixed(1)} with a subscriber, ${median(alone).toFixed(1)} without: ${differenceUs.toFixed(1)} (${range}) each delivery; a run says ${median(statedUs).toFixed(1)}, ${(off * 100).toFixed(0)} % off: ${isNear ? 'holds' : 'MISSED'}`,
  )
  return isNear
}

async function statedByRun(origin: string, transport: string, round: number): Promise<number> {
  const observed = await observeRun([
    ...['--url', origin, '--transport', transport, '--clients', '1', '--rate', `${PER_SECOND}`],
    ...['--arrivals', 'constant', '--duration', `${WINDOW_S}s`, '--warmup', `${RUN_WARM_UP_S}s`],
    ...['--seed', `${1 + round}`],
    '--allow-invalid',
  ])
  return onlyRun(observed).server?.cpuUsPerDelivery ?? Number.NaN
}

/** Over a stretch of the publisher's load. */
async function cpuUsPerEvent(pid: number, publisher: BarePublisher): Promise<number> {
  await sleep(SETTLE_MS)
  const [cpuNs, events] = [cpuNsOf(pid), publisher.events]
  await sleep(STRETCH_MS)
  return (cpuNsOf(pid) - cpuNs) / NS_PER_US / (publisher.events - events)
}

/** Time on a processor of all threads of a process. */
function cpuNsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [ranNs = ''] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return sum + Number(ranNs)
  }, 0)
}

async function startPublisher(port: number): Promise<BarePublisher> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  return new BarePublisher(socket)
}

/** Shorter than what the pattern of an answer's beginning matches: none is counted twice. */
const TAIL = 11

/** Sends an event when it is due, evenly, each as a request of its own. */
class BarePublisher {
  /** That the server took in. */
  events = 0
  readonly #socket: Socket
  #tail = ''
  #dueNs = 0
  #timer: NodeJS.Timeout | null = null

  constructor(socket: Socket) {
    this.#socket = socket.on('data', (bytes) => this.#read(bytes.toString('latin1')))
    this.go()
  }

  #read(text: string): void {
    const all = this.#tail + text
    for (const [, status] of all.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      if (status !== '202') throw new Error(`the server answers a publish with ${status}`)
      this.events++
    }
    this.#tail = all.slice(-TAIL)
  }

  go(): void {
    this.#dueNs = nowNs()
    this.#timer = setInterval(() => this.#sendDue(), 1)
  }

  pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  stop(): void {
    this.pause()
    this.#socket.destroy()
  }

  #sendDue(): void {
    for (const now = nowNs(); this.#dueNs <= now; this.#dueNs += NS_PER_SECOND / PER_SECOND) {
      this.#socket.write(PUBLISH)
    }
  }
}
