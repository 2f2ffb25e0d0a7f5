/**
 * How long after its time an event leaves: from the moment that the schedule wants it sent to its
 * packet on the loopback device, as tcpdump saw it. The mark in the packet says when it was due and
 * when the publisher says that it handed it over, so that its own account can be held against the
 * packets.
 *
 * It needs tcpdump, and the right to use it.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nowNs } from '../src/measure/clock.ts'
import type { Result, Run } from '../src/result/document.ts'
import { MarkScanner } from '../src/wire/mark.ts'
import { COMMAND } from './program.ts'

/** What a run is started with. */
const LOADS: Readonly<Record<string, readonly string[]>> = {
  light: ['--transport', 'sse', '--clients', '50', '--channels', '1', '--rate', '20'],
  tenth: ['--transport', 'sse', '--clients', '10000', '--rate', '0.1'],
  half: ['--transport', 'sse', '--clients', '10000', '--rate', '0.4'],
  'tenth-long-poll': ['--transport', 'long-poll', '--clients', '10000', '--rate', '0.1'],
}
const WINDOW = ['--warmup', '3s', '--duration', '10s', '--payload', '128']
const WARMUP_NS = 3e9
/** The bars of this machine, microseconds. */
const P50_US = 100
const P99_US = 1_000

/** A publish is a POST, and its packet begins so. */
const FILTER = 'tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x504f5354'
const FILE_HEADER_BYTES = 24
const PACKET_HEADER_BYTES = 16

interface Departure {
  /** Of the mark: other programs may publish on this machine. */
  readonly run: number
  readonly dueNs: number
  readonly handedOverNs: number
  readonly packetNs: number
}

export async function handOver(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  print(`hand-over: from due to the packet, bars p50 ${P50_US} µs and p99 ${P99_US} µs`)
  for (const [name, flags] of Object.entries(LOADS)) {
    if (part !== undefined && part !== name) continue
    const { departures, run } = await capture(flags)
    const counted = windowOf(departures, run)
    const packets = quantiles(counted.map(({ dueNs, packetNs }) => (packetNs - dueNs) / 1e3))
    const told = quantiles(counted.map(({ dueNs, handedOverNs }) => (handedOverNs - dueNs) / 1e3))
    const holds = packets.p50 <= P50_US && packets.p99 <= P99_US ? 'holds' : 'MISSED'
    print(`  ${name}: ${flags.join(' ')}`)
    print(`    due to packet      ${line(packets)}: ${holds}`)
    print(`    due to hand-over   ${line(told)}, by the marks`)
    const { host, publisher, server, generator, latency, validity } = run
    print(
      `    host ${percent(host.cpuUtilisation)} busy, CPU per delivery: server ${whole(server?.cpuUsPerDelivery)} µs, generator ${whole(generator.cpuUsPerDelivery)} µs`,
    )
    print(
      `    latency p50 ${whole(latency.p50Us)} µs, p99 ${whole(latency.p99Us)} µs; slip p99 ${whole(publisher.slipP99Us)} µs; ${validity.verdict} ${validity.reasons.map(({ code }) => code).join(' ')}`,
    )
  }
}

async function capture(
  flags: readonly string[],
): Promise<{ departures: readonly Departure[]; run: Run }> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-hand-over-'))
  try {
    const file = join(folder, 'packets')
    const tcpdump = spawn(
      'tcpdump',
      ['-i', 'lo', '--nano', '-Z', 'root', '-B', '16384', '-w', file, FILTER],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const stop = (): boolean => tcpdump.kill('SIGINT')
    process.once('exit', stop)
    process.once('SIGTERM', () => process.exit(1))
    await once(tcpdump.stderr, 'data')
    const before = wallOffsetNs()
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [COMMAND, 'run', ...flags, ...WINDOW, '--json', '--no-save', '--quiet', '--allow-invalid'],
      { maxBuffer: 64 * 2 ** 20 },
    )
    const after = wallOffsetNs()
    stop()
    await once(tcpdump, 'exit')
    const [run] = (JSON.parse(stdout) as Result).runs
    if (run === undefined) throw new Error('the run has no result')
    return { departures: departuresIn(readFileSync(file), (before + after) / 2), run }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The departures of the run's window: of all runs that were seen, the one of as many events. */
function windowOf(departures: readonly Departure[], { delivery }: Run): readonly Departure[] {
  const windows = [...new Set(departures.map(({ run }) => run))].map((seen) => {
    const own = departures.filter(({ run }) => run === seen)
    const firstNs = own.reduce((first, { dueNs }) => Math.min(first, dueNs), Number.MAX_VALUE)
    return own.filter(({ dueNs }) => dueNs >= firstNs + WARMUP_NS)
  })
  const strangeness = (own: readonly Departure[]): number =>
    Math.abs(own.length - delivery.published)
  return windows.sort((one, other) => strangeness(one) - strangeness(other))[0] ?? []
}

/** The wall clock less the monotonic one, read when the wall clock's millisecond begins. */
function wallOffsetNs(): number {
  let offset = Number.NEGATIVE_INFINITY
  for (let round = 0; round < 20; round++) {
    const before = Date.now()
    while (Date.now() === before) {
      // Until it does.
    }
    // Whatever comes in between makes it smaller only.
    offset = Math.max(offset, (before + 1) * 1e6 - nowNs())
  }
  return offset
}

function departuresIn(file: Buffer, offsetNs: number): readonly Departure[] {
  const found: Departure[] = []
  const scanner = new MarkScanner(128)
  let at = FILE_HEADER_BYTES
  while (at + PACKET_HEADER_BYTES <= file.length) {
    const seconds = file.readUInt32LE(at)
    const packetNs = seconds * 1e9 - offsetNs + file.readUInt32LE(at + 4)
    const end = at + PACKET_HEADER_BYTES + file.readUInt32LE(at + 8)
    let from = at + PACKET_HEADER_BYTES
    while (scanner.next(file, from, end)) {
      from = scanner.end
      if (scanner.damaged) continue
      const { run, intendedAtNs: dueNs, handedOverAtNs: handedOverNs } = scanner
      found.push({ run, dueNs, handedOverNs, packetNs })
    }
    at = end
  }
  return found
}

interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

const whole = (value: number | null | undefined): string => value?.toFixed(0) ?? '–'
const percent = (share: number | null): string => (share === null ? '–' : `${whole(share * 100)} %`)

function line({ count, p50, p90, p99, max }: Quantiles): string {
  return `p50 ${whole(p50)} µs, p90 ${whole(p90)} µs, p99 ${whole(p99)} µs, max ${whole(max)} µs (${count} events)`
}
