import type { ScenarioKey } from './keys.ts'
import { show } from './problem.ts'
import type { Scenario } from './scenario.ts'
import type { TargetDescription } from './target.ts'
import { formatWhole, writeDuration } from './units.ts'

/** Values that are fine by themselves and not together. */
export interface Contradiction {
  /** The keys that make it; the problem is told at the first. */
  readonly keys: readonly [ScenarioKey, ...ScenarioKey[]]
  /** What inside the first key. */
  readonly inside?: readonly (string | number)[]
  readonly text: string
}

/** Values of a scenario that are fine by themselves and not together. */
export function contradictions(scenario: Scenario): readonly Contradiction[] {
  const { clients, channels, durationMs, warmupMs, instances, url } = scenario
  const found: Contradiction[] = []
  if (warmupMs >= durationMs) {
    const warmup = writeDuration(warmupMs)
    const duration = writeDuration(durationMs)
    found.push({
      keys: ['warmup', 'duration'],
      text: `${warmup} is not shorter than the duration of ${duration}; expected less than that`,
    })
  }
  if (channels !== 'per-client' && channels > clients) {
    const text = `${formatWhole(channels)} channels for ${formatWhole(clients)} clients leave some without a listener; expected at most one a client`
    found.push({ keys: ['channels', 'clients'], text })
  }
  if (url !== null && instances !== 'auto') {
    const text = `${instances} server instances, and the server at ${url} is started by somebody else; expected auto, or no url`
    found.push({ keys: ['instances', 'url'], text })
  }
  return found
}

const CHANNEL = '{channel}'

export function describes({ endpoints }: TargetDescription, transport: string): boolean {
  return Object.hasOwn(endpoints, transport)
}

/** Where the description of a server does not go with the rest of the scenario. */
export function targetContradictions(scenario: Scenario): readonly Contradiction[] {
  const { target, url, transports, rate } = scenario
  if (target === null) return []
  const found: Contradiction[] = []
  if (url === null) {
    const text = 'describes a server, and no url says where it is; expected a url'
    found.push({ keys: ['target', 'url'], text })
  }
  for (const [index, name] of transports.entries()) {
    if (describes(target, name)) continue
    const known = Object.keys(target.endpoints).join(', ')
    const text = `${show(name)} is not described by target; expected some of ${known}`
    found.push({ keys: ['transport', 'target'], inside: [index], text })
  }
  if (scenario.engine !== 'lean') {
    const text = `${scenario.engine} speaks to the reference server only, not to a target; expected lean`
    found.push({ keys: ['engine', 'target'], text })
  }
  if (rate > 0 && target.publish === null) {
    const text = 'does not say how to publish; expected publish in it, or rate 0'
    found.push({ keys: ['target', 'rate'], text })
  }
  return [...found, ...unaddressed(scenario, target)]
}

/** Where nothing says which channel is meant, though there are several. */
function unaddressed(
  { channels, transports, rate }: Scenario,
  { publish, endpoints }: TargetDescription,
): readonly Contradiction[] {
  if (channels === 1) return []
  const named = (texts: readonly (string | null | undefined)[]): boolean =>
    texts.some((text) => text?.includes(CHANNEL))
  const silent = transports.filter((name) => {
    if (!Object.hasOwn(endpoints, name)) return false
    const { path = '', headers = {}, subscribe } = endpoints[name] ?? {}
    return !named([path, ...Object.values(headers), subscribe])
  })
  const mute =
    publish !== null &&
    rate > 0 &&
    !named([publish.path, publish.body, ...Object.values(publish.headers)])
  return [...(mute ? ['publish'] : []), ...silent].map((key) => ({
    keys: ['target', 'channels'],
    inside: [key],
    text: `never says ${CHANNEL}, so that all channels are one; expected it in the path, or channels: broadcast`,
  }))
}
