/**
 * What a held connection takes: clients of several numbers are held, and a line is fitted through
 * what the processes and the kernel then take. Its slope is what one more client takes, without
 * what every process takes to begin with.
 */

import { readFileSync } from 'node:fs'
import { measureScenario } from '../src/experiment/experiment.ts'
import { ProgressWriter } from '../src/report/progress-writer.ts'
import type { Run } from '../src/result/document.ts'
import { readEnvironment } from '../src/result/environment.ts'
import { holdScenario } from './hold-scenario.ts'

const SIZES = [10_000, 40_000, 100_000]
const TRANSPORTS = ['sse', 'websocket', 'long-poll']
/** Into the window: what connecting left behind is collected by then, or never. */
const SETTLED_MS = 4_000

/** Of the whole machine, bytes. */
interface KernelMemory {
  /** Neither free nor a cache of files. */
  readonly usedBytes: number
  readonly slabBytes: number
  /** Buffers of TCP, by sockstat. */
  readonly tcpBytes: number
}

interface Point {
  readonly clients: number
  readonly swarm: number
  readonly server: number
  readonly slab: number
  readonly tcp: number
  readonly machine: number
}

export async function memory(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  for (const transport of TRANSPORTS) {
    if (part !== undefined && part !== transport) continue
    print(`memory: ${transport}, bytes in all, by clients held`)
    const points: Point[] = []
    for (const clients of SIZES) {
      const point = await hold(transport, clients)
      points.push(point)
      print(`  ${describe(point)}`)
    }
    for (const [key, name] of PARTS) {
      const { slope, intercept } = fit(points.map((point) => [point.clients, point[key]]))
      print(
        `  ${name.padEnd(34)} ${(slope / 1024).toFixed(2)} KiB a client + ${(intercept / 2 ** 20).toFixed(0)} MiB`,
      )
    }
  }
}

const PARTS = [
  ['swarm', 'swarm, resident'],
  ['server', 'server, resident'],
  ['slab', 'kernel, slab'],
  ['tcp', 'kernel, TCP buffers'],
  ['machine', 'the whole machine'],
] as const

function describe({ clients, ...parts }: Point): string {
  const figures = PARTS.map(([key, name]) => `${name} ${(parts[key] / 2 ** 20).toFixed(0)} MiB`)
  return `${String(clients).padStart(7)}: ${figures.join('; ')}`
}

async function hold(transport: string, clients: number): Promise<Point> {
  const before = readKernelMemory()
  let during: KernelMemory | null = null
  const run = await heldRun(transport, clients, (elapsedMs) => {
    if (during === null && elapsedMs >= SETTLED_MS) during = readKernelMemory()
  })
  const { usedBytes, slabBytes, tcpBytes } = (during ?? before) as KernelMemory
  return {
    clients,
    swarm: run.generator.rssBytes ?? Number.NaN,
    server: run.server?.rssBytes ?? Number.NaN,
    slab: slabBytes - before.slabBytes,
    tcp: tcpBytes - before.tcpBytes,
    machine: usedBytes - before.usedBytes,
  }
}

async function heldRun(
  transport: string,
  clients: number,
  onSteady: (elapsedMs: number) => void,
): Promise<Run> {
  const progress = new ProgressWriter(process.stderr, { quiet: true })
  const update = progress.update.bind(progress)
  progress.update = (state) => {
    if (state.phase === 'steady') onSteady(state.phaseElapsedMs)
    update(state)
  }
  const { openFilesLimit } = await readEnvironment()
  const { runs, failure } = await measureScenario(holdScenario(transport, clients), {
    token: null,
    allowRemote: false,
    openFilesLimit,
    signal: new AbortController().signal,
    progress,
    onRun: async () => {},
  })
  const [run] = runs
  if (run === undefined) throw failure ?? new Error('nothing was measured')
  const { connected } = run.clients
  if (connected < clients || run.delivery.lost > 0) {
    throw new Error(`${connected} of ${clients} connected, ${run.delivery.lost} lost`)
  }
  return run
}

function readKernelMemory(): KernelMemory {
  const meminfo = readFileSync('/proc/meminfo', 'utf8')
  const kibibytes = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? Number.NaN)
  const pages = /^TCP:.* mem (\d+)$/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1]
  return {
    // Not what is available: the kernel takes the inodes of open sockets for memory to be had.
    usedBytes:
      (kibibytes('MemTotal') - kibibytes('MemFree') - kibibytes('Buffers') - kibibytes('Cached')) *
      1024,
    slabBytes: kibibytes('Slab') * 1024,
    tcpBytes: Number(pages) * 4096,
  }
}

/** Least squares. */
function fit(points: readonly (readonly [number, number])[]): {
  readonly slope: number
  readonly intercept: number
} {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanX = mean(([x]) => x)
  const meanY = mean(([, y]) => y)
  const slope =
    mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) * (x - meanX))
  return { slope, intercept: meanY - slope * meanX }
}
