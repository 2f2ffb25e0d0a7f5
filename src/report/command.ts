import type { Capacity } from '../result/capacity.ts'
import type { RecordedScenario, Result } from '../result/document.ts'
import type { Sweep } from '../result/recorded-scenario.ts'
import { withoutSecrets } from '../scenario/secret.ts'
import { formatSwept } from '../scenario/sweep.ts'
import { shellWord } from './wording.ts'

type Measured = Pick<Result, 'scenario' | 'capacity' | 'sweep'>

/** The command line that measures, or searches, again, quoted for a POSIX shell. */
export function commandOf(result: Measured): string {
  const { scenario } = result
  const described = scenario.target !== undefined && scenario.target !== null
  const { command, varied, flags } = kindOf(result)
  return [
    `rtbench ${command}`,
    ...(described ? ['SCENARIO.yaml'] : []),
    ...scenarioFlags(scenario, varied),
    ...flags,
    `--seed ${scenario.seed}`,
    // No flag can say how to speak to somebody else's server.
    ...(described ? [' # SCENARIO.yaml: a file with the same target'] : []),
  ].join(' ')
}

/** What the command is called, which key it varies, and what flags only it has. */
function kindOf({ scenario, capacity, sweep }: Measured): {
  readonly command: string
  readonly varied?: Sweep['key']
  readonly flags: readonly string[]
} {
  if (capacity !== undefined) {
    return { command: 'capacity', varied: capacity.search, flags: searchFlags(capacity) }
  }
  if (sweep === undefined) return { command: 'run', flags: runFlags(scenario) }
  return { command: 'run', varied: sweep.key, flags: [sweepFlag(sweep), ...runFlags(scenario)] }
}

/** What every measurement takes, save what is searched or swept. */
function scenarioFlags(scenario: RecordedScenario, varied?: Sweep['key']): string[] {
  const { url, intervalMs, rampUpMs } = scenario
  const unlessVaried = (key: Sweep['key'], value: string | number): string[] =>
    varied === key ? [] : [flag(key, value)]
  return [
    flag('transport', scenario.transports.join(',')),
    ...unlessVaried('clients', scenario.clients),
    flag('duration', time(scenario.durationMs)),
    flag('warmup', time(scenario.warmupMs)),
    ...(rampUpMs === null ? [] : [flag('ramp-up', time(rampUpMs))]),
    ...unlessVaried('channels', scenario.channels),
    ...unlessVaried('rate', scenario.rate),
    flag('arrivals', scenario.arrivals),
    ...unlessVaried('payload', scenario.payloadBytes),
    ...unlessVaried('interval', intervalMs === 0 ? 0 : time(intervalMs)),
    ...unlessVaried('hold', time(scenario.holdMs)),
    ...unlessUsual('engine', scenario.engine, 'lean'),
    ...unlessUsual('instances', scenario.instances, 'auto'),
    ...unlessUsual('workers', scenario.workers, 'auto'),
    ...unlessUsual('backplane', withoutSecrets(scenario.backplane), 'memory'),
    ...(url === null ? [] : [flag('url', withoutSecrets(url))]),
    ...(url === null || isOwnMachine(url) ? [] : ['--allow-remote']),
  ]
}

function runFlags({ repeat, thresholds }: RecordedScenario): string[] {
  return [
    ...unlessUsual('repeat', repeat, 1),
    ...thresholds.map((threshold) => flag('threshold', threshold)),
  ]
}

function sweepFlag({ key, values }: Sweep): string {
  const written = values.map((value) => formatSwept(key, value))
  return flag('sweep', `${key}=${written.join(',')}`)
}

function searchFlags({ search, limits, from, to, precision }: Capacity): string[] {
  return [
    ...unlessUsual('search', search, 'clients'),
    ...limits.map((limit) => flag('limit', limit)),
    flag('from', from),
    flag('to', to),
    flag('precision', `${Number((precision * 100).toFixed(3))}%`),
  ]
}

function flag(name: string, value: string | number): string {
  return `--${name} ${shellWord(String(value))}`
}

function unlessUsual(name: string, value: string | number, usual: string | number): string[] {
  return value === usual ? [] : [flag(name, value)]
}

/** By its address or the name that means it; another name may mean it too, and needs the flag then. */
function isOwnMachine(url: string): boolean {
  return /^[^/]*\/\/(?:[^/@]*@)?(?:127\.[\d.]+|localhost|\[::1\])(?:[:/]|$)/i.test(url)
}

/** `10s`, `1500ms` */
function time(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
