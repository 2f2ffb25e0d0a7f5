import { counted } from '../text.ts'

/** Counts by cause: `http-404`, `ECONNREFUSED`. */
type Causes = Readonly<Record<string, number>>

/** ` (http-404 87, timeout 2)`: the most frequent ones; nothing where none was recorded. */
export function mostFrequent(causes: Causes): string {
  const told = descending(causes)
    .slice(0, 2)
    .map(([cause, count]) => `${cause} ${count}`)
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}

/** Of publishes the last two: what the body said, or did not say. */
const ANSWERS =
  /^(?:http-4(?!29)\d\d|content-encoding-.+|sse-media-type|ws-(?:compressed|refused)|refused|unconfirmed)$/

/** Mostly the server is there and says no: neither load nor patience changes that. */
export function isAnswered(causes: Causes): boolean {
  return ANSWERS.test(mostOf(causes) ?? '')
}

function mostOf(causes: Causes): string | null {
  return descending(causes)[0]?.[0] ?? null
}

function descending(causes: Causes): readonly (readonly [cause: string, count: number])[] {
  return Object.entries(causes).sort(([, one], [, other]) => other - one)
}

/** What the system of the generator refuses, whatever the server does. */
const OWN_LIMITS: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

/** The name under which an error is counted: the generator's own limits are told apart. */
export function errorName(code: string): string {
  return OWN_LIMITS.has(code) ? `generator-${code}` : code
}

/** Facts that tell why no event of a run arrived. */
export interface NothingDeliveredFacts {
  /** Clients that were subscribed when the window began. */
  readonly connected: number
  /** Sends of the window: due by the schedule, and accepted by the server. */
  readonly due: number
  readonly accepted: number
  /** Why others were not: sends by cause. */
  readonly refusals: Causes
  /** What went wrong with the clients and their connections, by cause. */
  readonly errors: Causes
  readonly strays: Strays
  /** Where the server is that rtbench did not start; null of an own one. */
  readonly foreignServer: string | null
}

/** Messages that came beside the deliveries, since the clients began to connect. */
export interface Strays {
  /** Events of another run, and of this one that were another channel's. */
  readonly foreign: number
  readonly misrouted: number
  /** Events whose mark is not as it was written, where marks tell. */
  readonly damaged?: number
  /** Messages without a mark; what the first of them were recognised as, by its name. */
  readonly unmarked: number
  readonly disguises: Causes
}

/**
 * The most likely fault of a run in which events were due and none was delivered: one line, and
 * what to do. What was found in the messages that came decides before what was not.
 */
export function nothingDelivered(facts: NothingDeliveredFacts): string {
  const { connected, due, accepted, refusals, errors, strays } = facts
  if (connected === 0) {
    return `no event arrived, since no client was subscribed${ofErrors(errors)}`
  }
  if (accepted === 0) {
    const advice = isAnswered(refusals)
      ? 'look at what the server answers and at the path'
      : 'look at the server'
    return `no event arrived, since the server accepted none of ${counted(due, 'event')}${mostFrequent(refusals)}; ${advice}`
  }
  return fromMessages(strays) ?? fromConnections(facts)
}

/** What the messages that came tell; null where none came. */
function fromMessages(strays: Strays): string | null {
  const { misrouted, foreign, damaged = 0, unmarked, disguises } = strays
  const disguise = mostOf(disguises)
  if (disguise !== null) {
    const told =
      DISGUISES[disguise] ?? `hidden by ${disguise}; have the server send the payload as it is`
    return `${counted(unmarked, 'message')} came, none with a mark: ${told}`
  }
  if (damaged > 0) {
    return `${counted(damaged, 'event')} came, none of them whole; find what changes or cuts the payload on its way`
  }
  if (misrouted > 0) {
    return `${counted(misrouted, 'event')} came, none of them at a client of its channel; see that {channel} is in what clients subscribe by`
  }
  if (foreign > 0) {
    return `${counted(foreign, 'event')} came, all of another run; see that clients subscribe to the channel that is published to`
  }
  if (unmarked === 0) return null
  return `${counted(unmarked, 'message')} came, none with a mark: encoded, encrypted or cut; see that what is published as {data} comes back as it is`
}

/** How what hides a mark is told, by its name. */
const DISGUISES: Readonly<Record<string, string>> = {
  base64: 'the payload is in base64; have the server send it as it is',
  hex: 'the payload is in hexadecimal; have the server send it as it is',
  'utf-16': 'the payload is in UTF-16; have the server send UTF-8',
  gzip: 'they are compressed (gzip); have the server send the payload as it is',
  'gzip-base64': 'they are compressed (gzip), in base64; have the server send the payload as it is',
  cut: 'marks are cut short or changed; have the server pass the payload on whole',
}

function fromConnections({ foreignServer, errors }: NothingDeliveredFacts): string {
  if (mostFrequent(errors) !== '') {
    return `no event came back, and connections failed${ofErrors(errors)}`
  }
  return foreignServer !== null
    ? 'no event came back; does the publish path or body name the channel, as what clients subscribe by does?'
    : "no event came back from rtbench's own server; look at its last words"
}

/** The most frequent errors, and what to do about them. */
function ofErrors(errors: Causes): string {
  const told = mostFrequent(errors)
  if (/^(?:content-encoding-|ws-compressed)/.test(mostOf(errors) ?? '')) {
    return `${told}: the server compresses, asked or not; switch that off for these paths`
  }
  return isAnswered(errors)
    ? `${told}; look at what the server answers and at the paths`
    : `${told}; look at the server, and at how it is reached`
}
