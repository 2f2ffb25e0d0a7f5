/** Disruptions: what is done to a run on purpose, and when; `cut=30%@10s`. */
import { didYouMean } from './suggestion.ts'
import { isRefusal, parseDuration, type Refusal, writeDuration } from './units.ts'

/** How a connection is cut: at once by a reset, or in order by its end. */
const WAYS = ['rst', 'fin'] as const
type Way = (typeof WAYS)[number]

type Need = 'needed' | 'allowed'

/** What is said of a kind: which parts it takes, and whom it needs. */
interface KindEntry {
  /** In a sentence, and in the past: what was done. */
  readonly label: string
  readonly example: string
  readonly share?: Need
  readonly time?: Need
  /** Where no time is given, milliseconds; null is the rest of the run. */
  readonly usualMs?: number | null
  readonly way?: Need
  /** Done to own instances, or to the bus between them; else to connections, of any server. */
  readonly to: 'connections' | 'instances' | 'bus'
}

export const DISRUPTIONS = {
  cut: {
    label: 'connections cut',
    example: 'cut=30%@10s',
    share: 'needed',
    way: 'allowed',
    to: 'connections',
  },
  blackhole: {
    label: 'connections gone silent',
    example: 'blackhole=30%/10s@10s',
    share: 'needed',
    time: 'allowed',
    usualMs: null,
    to: 'connections',
  },
  'kill-instance': {
    label: 'instance killed',
    example: 'kill-instance@10s',
    time: 'allowed',
    usualMs: 1_000,
    to: 'instances',
  },
  'stop-instance': {
    label: 'instance stopped',
    example: 'stop-instance=3s@10s',
    time: 'needed',
    to: 'instances',
  },
  drain: {
    label: 'instance asked its clients to leave',
    example: 'drain=2s@10s',
    time: 'allowed',
    usualMs: 1_000,
    to: 'instances',
  },
  'restart-backplane': {
    label: 'bus killed',
    example: 'restart-backplane@10s',
    time: 'allowed',
    usualMs: 0,
    to: 'bus',
  },
  partition: {
    label: 'instance parted from the bus',
    example: 'partition=3s@10s',
    time: 'needed',
    to: 'bus',
  },
} as const satisfies Readonly<Record<string, KindEntry>>

export type DisruptionKind = keyof typeof DISRUPTIONS

export const DISRUPTION_KINDS = Object.keys(DISRUPTIONS) as readonly DisruptionKind[]

export interface Disruption {
  readonly kind: DisruptionKind
  /** Since the window's start. */
  readonly atMs: number
  /** Of the clients whose connections it meets; null where it meets none by itself. */
  readonly share: number | null
  /** How long it lasts; null is the rest of the run, or no time at all. */
  readonly forMs: number | null
  readonly way: Way
}

export function entryOfKind(kind: DisruptionKind): KindEntry {
  return DISRUPTIONS[kind]
}

const PART = '(?:\\d[\\d.]*\\s*[a-zA-Z%]+|rst|fin)'
/** As in a schema: more than is accepted. */
export const WRITTEN_DISRUPTION = `(?:${DISRUPTION_KINDS.join('|')})(?:=${PART}(?:/${PART})*)?@(?:0|\\d[\\d.]*[a-z]+)`

/** `blackhole=30%/10s@10s`: a kind, what it takes, and when it begins in the window. */
export function parseDisruption(text: string): Disruption | Refusal {
  const [, name = '', given, at] = /^([^=@]*)(?:=([^@]*))?(?:@(.*))?$/.exec(text.trim()) ?? []
  if (!isKind(name)) {
    return { problem: `is no disruption${didYouMean(name, DISRUPTION_KINDS)}` }
  }
  const entry = entryOfKind(name)
  const like = `, as in ${entry.example}`
  if (at === undefined) return { problem: `does not say when${like}` }
  const atMs = parseDuration(at, true)
  if (isRefusal(atMs)) return { problem: `begins at ${at}, which ${atMs.problem}${like}` }
  const parts = readParts(given)
  if (isRefusal(parts)) return { problem: `${parts.problem}${like}` }
  const { share = null, forMs = null, way = null } = parts
  const flaw =
    flawOf('a time', forMs, entry.time) ??
    flawOf('a share', share, entry.share) ??
    flawOf('rst or fin', way, entry.way)
  if (flaw !== null) return { problem: `${flaw}${like}` }
  return { kind: name, atMs, share, forMs: forMs ?? entry.usualMs ?? null, way: way ?? 'rst' }
}

/** Of a text that was found fine. */
export function disruptionOf(text: string): Disruption {
  const disruption = parseDisruption(text)
  if (isRefusal(disruption)) throw new Error(`${text} ${disruption.problem}`)
  return disruption
}

/** Whether one of those that a scenario has is of a kind. */
export function isDisruptedBy(kind: DisruptionKind, disruptions: readonly string[]): boolean {
  return disruptions.some((written) => disruptionOf(written).kind === kind)
}

export function refuseDisruption(items: readonly string[], index: number): Refusal | null {
  const disruption = parseDisruption(items[index] ?? '')
  return isRefusal(disruption) ? disruption : null
}

function isKind(name: string): name is DisruptionKind {
  return Object.hasOwn(DISRUPTIONS, name)
}

function readParts(given: string | undefined) {
  const parts: { share?: number; forMs?: number; way?: Way } = {}
  for (const text of given === undefined ? [] : given.split('/').map((part) => part.trim())) {
    const way = WAYS.find((way) => way === text.toLowerCase())
    const key = way !== undefined ? 'way' : text.endsWith('%') ? 'share' : 'forMs'
    if (parts[key] !== undefined) return { problem: `says ${text} beside another` }
    if (way !== undefined) parts.way = way
    else if (key === 'share') {
      const share = Number(/^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(text)?.[1]) / 100
      if (!(share > 0 && share <= 1)) {
        return { problem: `takes ${text}, which is no share above 0% and up to 100%` }
      }
      parts.share = share
    } else {
      const forMs = parseDuration(text)
      if (isRefusal(forMs)) return { problem: `takes ${text || 'nothing'}, which ${forMs.problem}` }
      if (forMs < 1) return { problem: `takes ${text}, which is below ${writeDuration(1)}` }
      parts.forMs = forMs
    }
  }
  return parts
}

function flawOf(noun: string, value: unknown, need: Need | undefined): string | null {
  if (value === null) return need === 'needed' ? `lacks ${noun}` : null
  return need === undefined ? `takes no ${noun.replace(/^an? /, '')}` : null
}
