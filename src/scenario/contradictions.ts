/** Values of a scenario that are fine by themselves and not together. */
import { isForwarded, kindOf } from '../backplane/registry.ts'
import { proxyNamed } from '../via/registry.ts'
import { disruptionOf, entryOfKind } from './disruption.ts'
import type { ScenarioKey } from './keys.ts'
import { show } from './problem.ts'
import type { Scenario } from './scenario.ts'
import { withoutSecrets } from './secret.ts'
import type { TargetDescription } from './target.ts'
import { leastEvents, needs, parseThreshold } from './threshold.ts'
import { formatWhole, isRefusal, writeDuration } from './units.ts'

export interface Contradiction {
  /** The keys that make it; the problem is told at the first. */
  readonly keys: readonly [ScenarioKey, ...ScenarioKey[]]
  /** What inside the first key. */
  readonly inside?: readonly (string | number)[]
  readonly text: string
}

/** Of a chat the events per second and channel: what the members of a room send. */
export function chatRate({
  clients,
  channels,
  sendRate,
}: Pick<Scenario, 'clients' | 'channels' | 'sendRate'>): number {
  const members = channels === 'per-client' ? 1 : clients / channels
  // As many digits as anybody means: 0.3, and not 0.30000000000000004.
  return Number((members * (sendRate ?? 0)).toPrecision(12))
}

/**
 * @param hasExchanges whether a transport gets events by requests
 * @param rate as it was asked for; null where nobody did
 */
export function* contradictions(
  scenario: Scenario,
  hasExchanges: (transport: string) => boolean,
  rate: number | null = null,
): Generator<Contradiction> {
  const { clients, channels, durationMs, warmupMs, instances, url, target } = scenario
  if (warmupMs >= durationMs) {
    const text = `${writeDuration(warmupMs)} is not shorter than the duration of ${writeDuration(durationMs)}; expected less than that`
    yield { keys: ['warmup', 'duration'], text }
  }
  if (channels !== 'per-client' && channels > clients) {
    const text = `${formatWhole(channels)} channels for ${formatWhole(clients)} clients leave some without a listener; expected at most one a client`
    yield { keys: ['channels', 'clients'], text }
  }
  if (url !== null && instances !== 'auto') {
    const text = `${instances} server instances, and the server at ${url} is started by somebody else; expected auto, or no url`
    yield { keys: ['instances', 'url'], text }
  }
  yield* ofBackplane(scenario)
  yield* ofFront(scenario)
  yield* ofVia(scenario)
  yield* ofTls(scenario)
  yield* ofHttp2(scenario)
  yield* ofDisruptions(scenario)
  if (scenario.workload === 'chat') yield* ofChat(scenario, rate)
  else if (scenario.sendRate !== null) {
    const text =
      'says how often clients send, which they do in a chat; expected workload: chat, or rate'
    yield { keys: ['sendRate', 'workload'], text }
  }
  yield* ofThresholds(scenario, hasExchanges)
  if (target !== null) yield* ofTarget(scenario, target)
}

function* ofBackplane({ backplane, busRouting, url }: Scenario): Generator<Contradiction> {
  if (url !== null && (backplane !== 'memory' || busRouting !== 'broadcast')) {
    const keys = [backplane === 'memory' ? 'busRouting' : 'backplane', 'url'] as const
    const text = `is for own instances, and the server at ${url} is started by somebody else; expected rtbench serve --backplane, or no url`
    yield { keys, text }
  }
  const kind = kindOf(backplane)
  if (kind !== null && !kind.routings.includes(busRouting)) {
    const text = `${busRouting} is not what ${kind.label} offers; expected ${kind.routings.join(' or ')}`
    yield { keys: ['busRouting', 'backplane'], text }
  }
}

/** Four bytes for each member of its room, by which a client audits them. */
const MOST_AUDITED = 250_000_000

function* ofChat(scenario: Scenario, rate: number | null): Generator<Contradiction> {
  const { clients, channels, engine, target } = scenario
  if (rate !== null && Math.abs(rate / scenario.rate - 1) > 1e-6) {
    const text = `${formatWhole(rate)} a channel is the server's to publish, and in a chat clients send; expected sendRate, or workload: push`
    yield { keys: ['rate', 'workload'], text }
  }
  if (engine !== 'lean') {
    const text = `${engine} clients do not send; expected lean, or workload: push`
    yield { keys: ['engine', 'workload'], text }
  }
  if (target !== null) {
    const text =
      'chat needs to know how clients send, which target does not say; expected a reference server at url, or push'
    yield { keys: ['workload', 'target'], text }
  }
  const audited =
    clients * (1 + Math.ceil(clients / (channels === 'per-client' ? clients : channels)))
  if (audited > MOST_AUDITED) {
    const text = `${formatWhole(clients)} clients in rooms of ${formatWhole(Math.ceil(clients / Number(channels)))} take ${formatWhole((audited * 4) / 1e6)} MB to audit, each client every other; expected more channels, or at most ${formatWhole((MOST_AUDITED * 4) / 1e6)} MB`
    yield { keys: ['channels', 'clients', 'workload'], text }
  }
}

function* ofFront({ front, balance, url }: Scenario): Generator<Contradiction> {
  if (front !== 'none' && url !== null) {
    const text = `${front} stands before instances that rtbench starts, and the server at ${url} is started by somebody else; expected none, or no url`
    yield { keys: ['front', 'url'], text }
  }
  if (front === 'none' && balance !== 'round-robin') {
    const text = `${balance} is how a front chooses, and there is none; expected a front, such as haproxy`
    yield { keys: ['balance', 'front'], text }
  }
}

/** A proxy stands before one server of the run's own. */
function* ofVia({
  via,
  viaConfig,
  url,
  front,
  instances,
  engine,
  tls,
  http,
}: Scenario): Generator<Contradiction> {
  const names = via.join(', ')
  if (via.length === 0 && viaConfig.join() !== 'default') {
    const text = `${viaConfig.join(', ')} is how a proxy is configured, and there is none; expected via, such as nginx`
    yield { keys: ['viaConfig', 'via'], text }
  }
  if (via.length === 0) return
  if (url !== null) {
    const text = `${names} stands before a server that rtbench starts, and the one at ${url} is started by somebody else; expected no url, or rtbench probe URL`
    yield { keys: ['via', 'url'], text }
  }
  if (tls || http === 2) {
    const key = tls ? 'tls' : 'http'
    const text = `${names} is spoken to over HTTP/1.1 in the open; expected no ${tls ? 'tls' : 'http: 2'} with it`
    yield { keys: ['via', key], text }
  }
  if (front !== 'none') {
    const text = `${names} stands before one server, and ${front} before several; expected one of them`
    yield { keys: ['via', 'front'], text }
  }
  if (instances !== 'auto' && instances > 1) {
    const text = `${names} stands before one server, and there are ${instances}; expected 1 instance, or a front`
    yield { keys: ['via', 'instances'], text }
  }
  const forward = via.filter((name) => proxyNamed(name).role === 'forward')
  if (forward.length > 0 && engine !== 'lean') {
    const text = `${forward.join(', ')} is asked for tunnels by lean clients, and these are ${engine}; expected lean`
    yield { keys: ['via', 'engine'], text }
  }
}

const TRUST_KEYS = ['ca', 'insecure', 'clientCert', 'clientKey', 'serverName'] as const

function* ofTls(scenario: Scenario): Generator<Contradiction> {
  const { tls, url, front, clientCert, clientKey } = scenario
  if (tls && url !== null) {
    const text = `is for own instances, and the server at ${url} is started by somebody else; expected https:// in url, or no tls`
    yield { keys: ['tls', 'url'], text }
  }
  if (tls && front !== 'none') {
    const text = `is spoken by the instances, and clients would speak it with ${front}; expected front none, or no tls`
    yield { keys: ['tls', 'front'], text }
  }
  const isSecure = url !== null && /^https:/i.test(url)
  for (const key of TRUST_KEYS) {
    const value = scenario[key]
    if (value === null || value === false || isSecure) continue
    const where = url === null ? 'there is no url' : `${url} is not spoken to by TLS`
    const text = `is for a server that is spoken to by TLS, and ${where}; expected a url with https://`
    yield { keys: [key, 'url'], text }
  }
  if ((clientCert === null) !== (clientKey === null)) {
    const [given, missing] =
      clientKey === null
        ? (['clientCert', 'clientKey'] as const)
        : (['clientKey', 'clientCert'] as const)
    const text = `is one half of what clients show; expected ${missing}, too`
    yield { keys: [given, missing], text }
  }
}

function* ofHttp2(scenario: Scenario): Generator<Contradiction> {
  const { http, streamsPerConnection, engine, front } = scenario
  if (http === 1 && streamsPerConnection > 1) {
    const text = `${formatWhole(streamsPerConnection)} clients cannot share a connection of HTTP/1.1; expected http: 2, or 1`
    yield { keys: ['streamsPerConnection', 'http'], text }
  }
  if (http === 2 && engine !== 'lean') {
    const text = `2 is spoken by lean clients, and these are ${engine}; expected lean, or http: 1`
    yield { keys: ['http', 'engine'], text }
  }
  if (http === 2 && front !== 'none') {
    const text = `2 is spoken with the instances, and ${front} speaks HTTP/1.1 with them; expected front none, or http: 1`
    yield { keys: ['http', 'front'], text }
  }
}

/** What cannot be done to what there is. */
function* ofDisruptions(scenario: Scenario): Generator<Contradiction> {
  const { disruptions, durationMs, url, engine, backplane, instances, heartbeatMs } = scenario
  for (const [index, written] of disruptions.entries()) {
    const { kind, atMs } = disruptionOf(written)
    const { to } = entryOfKind(kind)
    const inside = [index]
    const no = (key: ScenarioKey, text: string): Contradiction => ({
      keys: ['disrupt', key],
      inside,
      text: `${show(written)} ${text}`,
    })
    if (atMs >= durationMs) {
      yield no(
        'duration',
        `begins after the window of ${writeDuration(durationMs)}; expected it to begin within`,
      )
    }
    if (to !== 'connections' && kind !== 'stop-instance' && url !== null) {
      yield no(
        'url',
        `is done to instances that rtbench starts, and the server at ${url} is started by somebody else; expected cut, blackhole or stop-instance, or no url`,
      )
    } else if (to === 'connections' && engine !== 'lean') {
      yield no('engine', `is done by lean clients, and these are ${engine}; expected lean`)
    } else if (to === 'bus' && (backplane === 'none' || instances === 1)) {
      yield no(
        'instances',
        'is done to the bus between instances, and there is none; expected instances of 2 or more, on a backplane',
      )
    } else if (kind === 'restart-backplane' && backplane !== 'memory') {
      yield no(
        'backplane',
        `is done to a bus that rtbench starts, and ${withoutSecrets(backplane)} is somebody else's to restart; expected backplane memory`,
      )
    } else if (kind === 'partition' && backplane !== 'memory' && !isForwarded(backplane)) {
      yield no(
        'backplane',
        `is made by a forwarder before the bus, and ${withoutSecrets(backplane)} cannot be reached through one; expected memory, redis:// or nats://`,
      )
    }
  }
  if (heartbeatMs !== null && url !== null) {
    const text = `is for own instances, and the server at ${url} is started by somebody else; expected rtbench serve --heartbeat, or no url`
    yield { keys: ['heartbeat', 'url'], text }
  }
}

/** What no run can keep, whatever is measured: a figure that is missing keeps no threshold. */
function* ofThresholds(
  { clients, channels, rate, durationMs, thresholds, target, transports, workload }: Scenario,
  hasExchanges: (transport: string) => boolean,
): Generator<Contradiction> {
  // A broadcast is one event, however many hear it: one delay is in all of its deliveries.
  const heard = channels === 'per-client' ? clients : Math.min(channels, clients)
  const events = (heard * rate * durationMs) / 1000
  const pushed = transports.filter((name) => !hasExchanges(name))
  for (const [index, written] of thresholds.entries()) {
    const threshold = parseThreshold(written)
    if (isRefusal(threshold)) continue
    const keys = ['threshold', 'clients', 'channels', 'rate', 'duration'] as const
    const inside = [index]
    if (rate === 0 && needs(threshold, 'deliveries')) {
      const text = `${show(written)} asks about deliveries, and rate 0 makes none; expected a rate above 0`
      yield { keys, inside, text }
    } else if (events < leastEvents(threshold)) {
      const least = formatWhole(leastEvents(threshold))
      const per = channels === 'per-client' ? 'clients' : 'channels'
      const text = `${show(written)} needs ${least} events, and these ${per}, rate and duration make about ${formatWhole(events)}; expected more of them, or a lower percentile`
      yield { keys, inside, text }
    } else if (workload !== 'chat' && needs(threshold, 'chat')) {
      const text = `${show(written)} asks about what clients send, and they send nothing; expected workload: chat`
      yield { keys: ['threshold', 'workload'], inside, text }
    } else if (target !== null && needs(threshold, 'server')) {
      const text = `${show(written)} asks for what a described server does not tell; expected a figure of the clients, or no target`
      yield { keys: ['threshold', 'target'], inside, text }
    } else if (pushed.length > 0 && needs(threshold, 'requests')) {
      const text = `${show(written)} asks about requests, of which ${pushed.join(', ')} makes none; expected transports that poll`
      yield { keys: ['threshold', 'transport'], inside, text }
    }
  }
}

export function describes({ endpoints }: TargetDescription, transport: string): boolean {
  return Object.hasOwn(endpoints, transport)
}

/** Where the description of a server does not go with the rest of the scenario. */
function* ofTarget(scenario: Scenario, target: TargetDescription): Generator<Contradiction> {
  const { url, transports, rate, engine } = scenario
  if (url === null) {
    const text =
      'describes a server, and no url says where it is; expected a url, or rtbench ci --serve to start it'
    yield { keys: ['target', 'url'], text }
  }
  for (const [index, name] of transports.entries()) {
    if (describes(target, name)) continue
    const known = Object.keys(target.endpoints).join(', ')
    const text = `${show(name)} is not described by target; expected some of ${known}`
    yield { keys: ['transport', 'target'], inside: [index], text }
  }
  if (engine !== 'lean') {
    const text = `${engine} speaks to the reference server only, not to a target; expected lean`
    yield { keys: ['engine', 'target'], text }
  }
  if (rate > 0 && target.publish === null) {
    const text = 'does not say how to publish; expected publish in it, or rate 0'
    yield { keys: ['target', 'rate'], text }
  }
  for (const key of channelless(scenario, target)) {
    const text = `never says ${CHANNEL}, so that all channels are one; expected it in the path, or channels: broadcast`
    yield { keys: ['target', 'channels'], inside: [key], text }
  }
}

const CHANNEL = '{channel}'

/** What of the description does not say which channel is meant, though there are several. */
function channelless(
  { channels, transports, rate }: Scenario,
  { publish, endpoints }: TargetDescription,
): readonly string[] {
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
  return mute ? ['publish', ...silent] : silent
}
