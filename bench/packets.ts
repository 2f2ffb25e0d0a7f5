/**
 * What the packets say beside what the command says: tcpdump sees each event's publish arrive at the
 * server and the event leave it, by the mark in both. As if the instrument had been on time, the command
 * has to find the same.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { boundsOf, observeRun, onlyRun } from '../src/cli/oracle/observed-run.conformance.ts'
import { percentileOf, stated } from '../src/cli/oracle/truth.conformance.ts'
import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import type { Run } from '../src/result/document.ts'
import { MarkScanner } from '../src/wire/mark.ts'
import { type Print, printBar } from './bar.ts'
import { readSegments, type Segment } from './pcap.ts'
import { startReference } from './polled-server.ts'

const TRANSPORTS = ['short-poll', 'long-poll', 'sse', 'websocket']
const CLIENTS = 50
const PER_SECOND = 20
const WINDOW_S = 10
const BAR_MS = 0.3
const FLUSH_MS = 1_500

/** One event's packets, nanoseconds of the monotonic clock; NaN while there is none. */
interface Passage {
  readonly intendedAtNs: number
  cameAtNs: number
  leftAtNs: number
}

export async function packets(print: Print, part: string | undefined, runs = 1): Promise<void> {
  if (spawnSync('tcpdump', ['--version']).error !== undefined) {
    print('packets: tcpdump is not installed: nothing measured')
    return
  }
  await prepareHistograms()
  print(
    `packets: ${CLIENTS} clients, ${PER_SECOND} events/s, windows of ${WINDOW_S} s, ${runs} of each; milliseconds`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-packets-'))
  const near: boolean[] = []
  try {
    for (const transport of TRANSPORTS) {
      if (part !== undefined && part !== transport) continue
      for (let run = 0; run < runs; run++) {
        near.push(await compareOnce(print, transport, 1 + run, join(folder, 'capture')))
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const found = near.filter(Boolean).length
  printBar(print, `lower p50 within ${BAR_MS} ms of the packets'`, found, near.length, 1)
}

async function compareOnce(
  print: Print,
  transport: string,
  seed: number,
  file: string,
): Promise<boolean> {
  const server = await startReference()
  const port = Number(new URL(server.origin).port)
  let run: Run
  try {
    const capture = await startCapture(port, file)
    try {
      const load = ['--clients', `${CLIENTS}`, '--rate', `${PER_SECOND / CLIENTS}`]
      const times = ['--duration', `${WINDOW_S}s`, '--warmup', '2s', '--seed', `${seed}`]
      run = onlyRun(
        await observeRun([
          ...['--url', server.origin, '--transport', transport, '--allow-invalid'],
          ...[...load, ...times],
        ]),
      )
    } finally {
      await stopCapture(capture)
    }
  } finally {
    await server.stop()
  }
  const { published } = run.delivery
  const passages = passagesOf(readSegments(await readFile(file)), port, published)
  const inServer = sortedMs(passages, ({ cameAtNs, leftAtNs }) => leftAtNs - cameAtNs)
  const onTheWay = sortedMs(passages, ({ intendedAtNs, cameAtNs }) => cameAtNs - intendedAtNs)
  const { lowerMs, upperMs } = stated(boundsOf(run), 50)
  const packetsMs = percentileOf(inServer, 50)
  const isNear = Math.abs(lowerMs - packetsMs) <= BAR_MS
  print(
    `  ${transport.padEnd(10)} p50 by packets ${packetsMs.toFixed(3)}, by the command ${lowerMs.toFixed(3)} to ${upperMs.toFixed(3)}: ${isNear ? 'holds' : 'MISSED'}; due to packet p50 ${percentileOf(onTheWay, 50).toFixed(3)}, p99 ${percentileOf(onTheWay, 99).toFixed(3)}; both packets of ${inServer.length} of ${published} events`,
  )
  return isNear
}

/** Resolves when it captures. */
async function startCapture(port: number, file: string): Promise<ChildProcess> {
  const flags = ['-i', 'lo', '-n', '-s', '0', '--time-stamp-precision=nano', '-w', file]
  const capture = spawn('tcpdump', [...flags, `tcp port ${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = (): void => void capture.kill()
  process.once('exit', kill)
  capture.once('exit', () => process.removeListener('exit', kill))
  let text = ''
  await new Promise<void>((resolve, reject) => {
    capture.stderr.on('data', (bytes: Buffer) => {
      text += bytes
      if (text.includes('listening on')) resolve()
    })
    capture.once('exit', () => reject(new Error(`tcpdump ended: ${text.trim()}`)))
  })
  return capture
}

async function stopCapture(capture: ChildProcess): Promise<void> {
  if (capture.exitCode !== null || capture.signalCode !== null) return
  // What the kernel has gathered is handed over once a second.
  await sleep(FLUSH_MS)
  const exit = once(capture, 'exit')
  capture.kill('SIGINT')
  await exit
}

/** Of the window's events: the last ones by their intended time. */
function passagesOf(
  segments: readonly Segment[],
  port: number,
  published: number,
): readonly Passage[] {
  const aheadNs = (performance.timeOrigin + performance.now()) * NS_PER_MS - nowNs()
  const passages = new Map<string, Passage>()
  const scanner = new MarkScanner()
  for (const { atNs, sourcePort, payload } of segments) {
    let start = 0
    while (scanner.next(payload, start, payload.length)) {
      start = scanner.end
      const { run, channel, sequence, intendedAtNs } = scanner
      const key = `${run} ${channel} ${sequence}`
      const passage = passages.get(key) ?? {
        intendedAtNs,
        cameAtNs: Number.NaN,
        leftAtNs: Number.NaN,
      }
      passages.set(key, passage)
      const which = sourcePort === port ? 'leftAtNs' : 'cameAtNs'
      if (Number.isNaN(passage[which])) passage[which] = atNs - aheadNs
    }
  }
  return [...passages.values()]
    .sort((a, b) => a.intendedAtNs - b.intendedAtNs)
    .slice(-Math.max(1, published))
}

function sortedMs(
  passages: readonly Passage[],
  spanNs: (passage: Passage) => number,
): readonly number[] {
  return passages
    .map((passage) => spanNs(passage) / NS_PER_MS)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b)
}
