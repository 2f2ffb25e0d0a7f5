import type { Capacity } from '../result/capacity.ts'
import type { RecordedScenario, Result } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { entryOf, flagOf, SCENARIO_KEYS, type ScenarioKey } from '../scenario/keys.ts'
import { RESOLVED } from '../scenario/scenario.ts'
import { withoutSecrets } from '../scenario/secret.ts'
import { formatSwept, SWEEP_KEYS } from '../scenario/sweep.ts'
import { shellWord } from './wording.ts'

type Measured = Pick<Result, 'scenario' | 'capacity' | 'sweep'>

/** The command line that measures, or searches, again, quoted for a POSIX shell. */
export function commandOf({ scenario, capacity, sweep }: Measured): string {
  const { url } = scenario
  const isDescribed = scenario.target !== undefined && scenario.target !== null
  const varied = capacity?.search ?? sweep?.key
  // Of a chat the rate follows from the rest.
  const follows = scenario.workload === 'chat' ? 'rate' : null
  const keys = SCENARIO_KEYS.filter(
    (key) => key !== varied && key !== follows && !ELSEWHERE.has(key),
  )
  return [
    capacity === undefined ? 'rtbench run' : 'rtbench capacity',
    ...(isDescribed ? ['SCENARIO.yaml'] : []),
    ...flagsOf(keys, scenario),
    ...(url === null || isOwnMachine(url) ? [] : ['--allow-remote']),
    ...(sweep === undefined ? [] : [sweepFlag(sweep)]),
    ...(capacity === undefined ? flagsOf(OF_RUNS, scenario) : searchFlags(capacity)),
    `--seed ${scenario.seed}`,
    // No flag can say how to speak to somebody else's server.
    ...(isDescribed ? [' # SCENARIO.yaml: a file with the same target'] : []),
  ].join(' ')
}

/** Keys that decide the figures: a command names them though they are as usual. */
const ALWAYS: ReadonlySet<ScenarioKey> = new Set([
  'transport',
  ...SWEEP_KEYS.filter((key) => key !== 'instances'),
  'duration',
  'warmup',
  'arrivals',
])
/** Keys of a run alone, which follow what is swept; a search has flags of its own. */
const OF_RUNS: readonly ScenarioKey[] = ['repeat', 'threshold']
const ELSEWHERE: ReadonlySet<ScenarioKey> = new Set([...OF_RUNS, 'name', 'seed'])

function flagsOf(keys: readonly ScenarioKey[], scenario: RecordedScenario): string[] {
  return RESOLVED.filter(([key]) => keys.includes(key)).flatMap(([key, name]) => {
    const { argument, usual } = entryOf(key)
    const value = scenario[name]
    const plain = Array.isArray(value) && value.length === 1 ? value[0] : value
    const isUsual = value === null || value === undefined || (plain === usual && !ALWAYS.has(key))
    if (argument === undefined || isUsual) return []
    if (Array.isArray(value) && key !== 'transport') {
      return value.map((one: string) => flag(key, one))
    }
    return [flag(key, written(key, value))]
  })
}

function written(key: ScenarioKey, value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'number') return withoutSecrets(String(value))
  const isPlain = entryOf(key).unit !== 'ms' || (key === 'interval' && value === 0)
  return isPlain ? String(value) : time(value)
}

function sweepFlag({ key, values }: Sweep): string {
  const written = values.map((value) => formatSwept(key, value))
  return flag('sweep', `${key}=${written.join(',')}`)
}

function searchFlags({ search, limits, from, to, precision }: Capacity): string[] {
  return [
    ...(search === 'clients' ? [] : [flag('search', search)]),
    ...limits.map((limit) => flag('limit', limit)),
    flag('from', from),
    flag('to', to),
    flag('precision', `${Number((precision * 100).toFixed(3))}%`),
  ]
}

function flag(key: string, value: string | number): string {
  return `${flagOf(key)} ${shellWord(String(value))}`
}

/** By its address or the name that means it; another name may mean it too, and needs the flag then. */
function isOwnMachine(url: string): boolean {
  return /^[^/]*\/\/(?:[^/@]*@)?(?:127\.[\d.]+|localhost|\[::1\])(?:[:/]|$)/i.test(url)
}

/** `10s`, `1500ms` */
function time(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
