import type { Contradiction } from './contradiction.ts'
import { show } from './problem.ts'
import type { Scenario } from './scenario.ts'
import type { TargetDescription } from './target.ts'

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
