import type { RecordedScenario } from '../result/document.ts'
import { withoutPassword } from './headline.ts'

/** The command line that measures a scenario again, quoted for a POSIX shell. */
export function commandOf(scenario: RecordedScenario): string {
  const described = scenario.target !== undefined && scenario.target !== null
  const words = ['rtbench', 'run', ...(described ? ['SCENARIO.yaml'] : [])]
  const flag = (name: string, value: string | number): number =>
    words.push(`--${name}`, quoted(String(value)))
  flag('transport', scenario.transports.join(','))
  flag('clients', scenario.clients)
  flag('duration', time(scenario.durationMs))
  flag('warmup', time(scenario.warmupMs))
  if (scenario.rampUpMs !== null) flag('ramp-up', time(scenario.rampUpMs))
  flag('channels', scenario.channels)
  flag('rate', scenario.rate)
  flag('arrivals', scenario.arrivals)
  flag('payload', scenario.payloadBytes)
  flag('interval', scenario.intervalMs === 0 ? 0 : time(scenario.intervalMs))
  flag('hold', time(scenario.holdMs))
  if (scenario.engine !== 'lean') flag('engine', scenario.engine)
  if (scenario.instances !== 'auto') flag('instances', scenario.instances)
  if (scenario.workers !== 'auto') flag('workers', scenario.workers)
  if (scenario.backplane !== 'memory') flag('backplane', withoutPassword(scenario.backplane))
  if (scenario.url !== null) {
    flag('url', withoutPassword(scenario.url))
    if (!isOwnMachine(scenario.url)) words.push('--allow-remote')
  }
  if (scenario.repeat !== 1) flag('repeat', scenario.repeat)
  for (const threshold of scenario.thresholds) flag('threshold', threshold)
  flag('seed', scenario.seed)
  // No flag can say how to speak to somebody else's server.
  if (described) words.push(' # SCENARIO.yaml: a file with the same target')
  return words.join(' ')
}

/** By its address or the name that means it; another name may mean it too, and needs the flag then. */
function isOwnMachine(url: string): boolean {
  return /^[^/]*\/\/(?:[^/@]*@)?(?:127\.[\d.]+|localhost|\[::1\])(?:[:/]|$)/i.test(url)
}

/** `10s`, `1500ms` */
function time(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}

function quoted(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
