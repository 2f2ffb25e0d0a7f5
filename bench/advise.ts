/**
 * What `rtbench advise --measure` says of workloads that are not among its runs, against a run of each: whether the
 * technique that costs least within the latency is named, and how far off the costs are. `advise/3` is the third workload
 * alone. What was measured is kept in the
 * system's folder for temporary files, and judged again by `advise/3/again` or `advise/again`. The figures of record stand in docs/advise.md.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { differenceOf } from '../src/compare/relation.ts'
import { type Advice, type Amount, NEGLIGIBLE, type TechniqueAdvice } from '../src/result/advice.ts'
import type { Run, RunResult } from '../src/result/document.ts'
import { type Print, printBar } from './bar.ts'
import { COMMAND } from './program.ts'

const run = promisify(execFile)

interface Held {
  readonly users: number
  readonly rate: number
  readonly latency: string
  readonly channels?: string
}

/** From 100 to 10,000 users and from 0.01 to 5 events a second each. */
const WORKLOADS: readonly Held[] = [
  { users: 100, rate: 5, latency: '500ms' },
  { users: 10_000, rate: 0.01, latency: '5s' },
  { users: 800, rate: 2, latency: '1s' },
  { users: 2_000, rate: 0.1, latency: '2s' },
  { users: 3_000, rate: 1, latency: '2s', channels: '100' },
]

/** Heartbeats are so far apart; who gets events often has next to no part of them. */
const windowOf = ({ rate }: Held): string => (rate < 0.3 ? '15s' : '8s')
const WITHIN = 0.3

const COSTS = ['serverCores', 'bytesPerSecond', 'serverMemoryBytes'] as const
type Cost = (typeof COSTS)[number]

export async function advise(print: Print, part: string | undefined): Promise<void> {
  const [number, again] = part?.split('/') ?? []
  const chosen = [...WORKLOADS.entries()].filter(
    ([at]) => number === undefined || Number(number) === at + 1 || number === 'again',
  )
  const isAgain = again === 'again' || number === 'again'
  let [named, close, costs, inside] = [0, 0, 0, 0]
  for (const [at, held] of chosen) {
    const found = await judge(held, at + 1, isAgain, print)
    if (found.isNamed) named++
    close += found.close
    inside += found.inside
    costs += found.costs
  }
  printBar(print, 'the cheapest is named, or what cannot be told apart', named, chosen.length, 1)
  printBar(print, `costs within ${WITHIN * 100} %`, close, costs, 1)
  print(
    `  costs where the advice says that they lie, but for the chance of events: ${inside} of ${costs}`,
  )
}

async function judge(held: Held, at: number, isAgain: boolean, print: Print) {
  const { users, rate, latency, channels = 'per-client' } = held
  const folder = join(tmpdir(), 'rtbench-advise-held', String(at))
  const truth = join(folder, 'truth.json')
  if (!isAgain) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const measured = readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'truth.json')
    .map((name) => join(folder, name))
  const question = ['--users', String(users), '--rate', String(rate), '--latency', latency]
  const flags = [...question, '--channels', channels, '--json']
  const how = isAgain ? measured : ['--measure', '--quiet', '--out', folder]
  const advice = (await json(['advise', ...how, ...flags])) as Advice
  if (!isAgain) {
    const interval = advice.techniques.find(({ intervalMs }) => intervalMs !== null)?.intervalMs
    const load = ['--clients', String(users), '--rate', String(rate), '--channels', channels]
    const times = ['--warmup', '2s', '--duration', windowOf(held), '--interval', `${interval}ms`]
    const result = await json(['run', ...load, ...times, '--json', '--quiet', '--no-save'])
    writeFileSync(truth, JSON.stringify(result))
  }
  return compared(held, advice, JSON.parse(readFileSync(truth, 'utf8')) as RunResult, print)
}

/** A document that a command prints, whatever it ends with. */
async function json(args: readonly string[]): Promise<unknown> {
  const options = { maxBuffer: 2 ** 28 }
  const { stdout } = await run(process.execPath, [COMMAND, ...args], options).catch(
    (error: { stdout?: string }) => {
      if (error.stdout === undefined || error.stdout === '') throw error
      return { stdout: error.stdout }
    },
  )
  return JSON.parse(stdout)
}

function compared(held: Held, advice: Advice, { runs }: RunResult, print: Print) {
  const { users, rate, latency, channels } = held
  print(
    `${users} users, ${rate} events/s each${channels === undefined ? '' : `, ${channels} channels`}, within ${latency}`,
  )
  print(
    `  ${advice.decided.map(({ by, against }) => `${by} ${against}`).join(', ')}; ${advice.untold.map(({ by, pair }) => `${by} ${pair.join('=')}`).join(', ')}`,
  )
  let [close, costs, inside] = [0, 0, 0]
  for (const technique of advice.techniques) {
    const measured = runs.find(({ transport }) => transport === technique.transport)
    if (measured === undefined || technique.estimate === null) {
      print(`  ${technique.transport}: ${technique.status} ${technique.reasons.join('; ')}`)
      continue
    }
    const texts = COSTS.map((cost) => {
      const [estimated, real] = [technique.estimate?.[cost] ?? null, costOf(measured, cost)]
      if (estimated === null || real === null) return `${cost} not known`
      costs++
      if (Math.abs(estimated.value / real - 1) <= WITHIN) close++
      if (isInside(estimated, real, chanceOf(measured))) inside++
      return `${cost} ${short(estimated.value)} (${short(estimated.low)}–${short(estimated.high)}) was ${short(real)}: ${percent(estimated.value / real - 1)}`
    })
    print(
      `  ${technique.transport} (${technique.status}, run ${measured.validity.verdict}): ${texts.join('; ')}`,
    )
  }
  const cheapest = cheapestOf(advice, runs)
  const names = advice.among
  const isNamed =
    names.length > 0 &&
    (advice.chosen === null
      ? names.some((name) => cheapest.includes(name)) && agrees(advice, runs)
      : cheapest.includes(advice.chosen))
  print(
    `  named: ${names.join(' or ')}; cheapest in the run: ${cheapest.join(' or ')}: ${isNamed ? 'holds' : 'MISSED'}`,
  )
  return { isNamed, close, costs, inside }
}

/** Within the latency, as far as the run tells, and within what matters of the least in one cost after the other. */
function cheapestOf({ techniques, workload }: Advice, runs: readonly Run[]): readonly string[] {
  const { percentile, latencyUs } = workload.wanted
  let left = runs.filter((one) => (one.latency[`${percentile}Us`] ?? 0) <= latencyUs)
  for (const cost of COSTS) {
    const least = Math.min(...left.map((one) => costOf(one, cost) ?? Number.POSITIVE_INFINITY))
    const matters = Math.max(NEGLIGIBLE[cost], least / 10)
    left = left.filter((one) => (costOf(one, cost) ?? 0) - least <= matters)
  }
  return left
    .map(({ transport }) => transport)
    .filter((name) => techniques.some(({ transport }) => transport === name))
}

/** Of those that cannot be told apart the run's difference is one that the advice leaves open. */
function agrees({ untold, techniques }: Advice, runs: readonly Run[]): boolean {
  const lying = {
    cpu: 'serverCores',
    bandwidth: 'bytesPerSecond',
    memory: 'serverMemoryBytes',
  } as const
  return untold.every(({ by, pair }) => {
    const [one, other] = pair.map((name) => {
      const is = ({ transport }: Pick<TechniqueAdvice, 'transport'>): boolean => transport === name
      const measured = runs.find(is)
      const real = measured === undefined ? null : costOf(measured, lying[by])
      return { real, estimated: techniques.find(is)?.estimate?.[lying[by]] ?? null }
    })
    if (one?.real == null || other?.real == null) return false
    if (one.estimated === null || other.estimated === null) return true
    const [least, most] = differenceOf(one.estimated, other.estimated)
    const difference = other.real - one.real
    return difference >= least && difference <= most
  })
}

/** By how much a window's events are more or fewer than its rate says, in 95 of 100. */
function chanceOf({ delivery }: Run): number {
  return 2 / Math.sqrt(Math.max(1, delivery.published))
}

function isInside({ low, high }: Amount, real: number, chance: number): boolean {
  return real >= low * (1 - chance) && real <= (high ?? Number.POSITIVE_INFINITY) * (1 + chance)
}

function costOf({ server, wire, durationMs }: Run, cost: Cost): number | null {
  switch (cost) {
    case 'serverCores':
      return server?.cpuUtilisation ?? null
    case 'bytesPerSecond':
      return (wire.bytesReceived + wire.bytesSent) / (durationMs / 1000)
    case 'serverMemoryBytes':
      return server?.rssBytes ?? null
  }
}

function short(value: number | null): string {
  return value === null ? '∞' : String(Number(value.toPrecision(3)))
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.round(Math.abs(share) * 100)} %`
}
