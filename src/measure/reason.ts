/** What is known of a reason by its code. */
interface ReasonKind {
  /**
   * It speaks against the times of a run alone. A machine that is busy is late, and yet events,
   * answers and bytes are counted to the last one.
   */
  readonly isTiming: boolean
  /** Of its value and limit; times in microseconds. */
  readonly unit: 'time' | 'share' | 'count'
  /** What it says against a run, for who reads its code alone. */
  readonly meaning: string
  /** How late the instrument was is known of each delivery, and stands in the lower bound. */
  readonly isBounded?: true
}

/** Every reason that a run may have against it; docs/validity.md says what each means. */
const KINDS = {
  'worker-lost': {
    isTiming: false,
    unit: 'count',
    meaning:
      'A process of the swarm ended early or did not answer: what it did not tell of counts as lost.',
  },
  'server-lost': {
    isTiming: false,
    unit: 'count',
    meaning: 'A server instance ended early, or nothing answers any more at --url.',
  },
  'front-lost': {
    isTiming: false,
    unit: 'count',
    meaning: 'The front ended early, and with it the way of every client to the server.',
  },
  'publisher-lost': {
    isTiming: false,
    unit: 'count',
    meaning:
      "The publisher's process ended early: nobody knows what was expected, and the run ends then.",
  },
  'server-silent': {
    isTiming: true,
    unit: 'count',
    meaning:
      'The server did not tell its statistics at an edge of the window: its CPU time and memory are of a part, or missing.',
  },
  'server-statistics': {
    isTiming: false,
    unit: 'count',
    meaning:
      "The server's statistics cannot be what they say, such as a count that went backwards: they count as missing.",
  },
  interrupted: {
    isTiming: false,
    unit: 'count',
    meaning: 'Stopped by Ctrl-C or SIGTERM: the figures are of what was measured by then.',
  },
  'listen-overflow': {
    isTiming: true,
    unit: 'count',
    meaning:
      'A listen queue had no room for some connects, which were tried again after a second: take a longer --ramp-up.',
  },
  connected: {
    isTiming: false,
    unit: 'share',
    meaning:
      'Not all clients were subscribed when the window began, so that their load is missing.',
  },
  unproven: {
    isTiming: false,
    unit: 'share',
    meaning:
      'Some clients for whom something was published heard nothing at all, and were hardly ever subscribed.',
  },
  'no-backplane': {
    isTiming: false,
    unit: 'count',
    meaning:
      'Nothing connects the instances (--backplane none): an event reaches the clients of one of them alone.',
  },
  'bus-lost': {
    isTiming: false,
    unit: 'count',
    meaning:
      'Instances lost their bus for some time, or its store its events: the timeline says when.',
  },
  'not-disrupted': {
    isTiming: false,
    unit: 'count',
    meaning: 'A disruption that was asked for could not be made, so that the run is another one.',
  },
  'disrupted-lost': {
    isTiming: false,
    unit: 'count',
    meaning:
      'Deliveries are lost for good in a run that was disrupted on purpose, and the server declared no gap for them.',
  },
  'disrupted-publishes': {
    isTiming: false,
    unit: 'count',
    meaning:
      'Some publishes met an instance that was disrupted on purpose, and were not acknowledged: nobody is owed them.',
  },
  slip: {
    isTiming: true,
    unit: 'time',
    isBounded: true,
    meaning:
      "Most of the instrument's lateness is the publisher's: events were sent later than their schedule wanted. Lower --rate.",
  },
  stall: {
    isTiming: true,
    unit: 'time',
    isBounded: true,
    meaning:
      "Most of the instrument's lateness is a process of its own that stood still: stopped, swapped out or paused.",
  },
  starved: {
    isTiming: true,
    unit: 'time',
    isBounded: true,
    meaning:
      "Most of the instrument's lateness is that of processes that were ready to run and had no processor.",
  },
  busy: {
    isTiming: true,
    unit: 'time',
    isBounded: true,
    meaning:
      "Most of the instrument's lateness is the workers': they had more to read than they could. Use fewer clients or more --workers.",
  },
  rate: {
    isTiming: true,
    unit: 'share',
    meaning: 'The achieved rate is off the offered one: the load was not what was asked for.',
  },
  dropped: {
    isTiming: false,
    unit: 'count',
    meaning: 'The server refused publishes, or did not answer them.',
  },
  'host-busy': {
    isTiming: true,
    unit: 'share',
    meaning:
      'The machine was more than 80 % busy, and this server does not tell how long it waited for a processor.',
  },
  probe: {
    isTiming: true,
    unit: 'time',
    meaning:
      'The clients saw later deliveries than one client that has a process for itself, and nobody has explained why.',
  },
  'probe-lost': {
    isTiming: true,
    unit: 'count',
    meaning: 'The client that holds the others to account, the control probe, was not there.',
  },
  forged: {
    isTiming: false,
    unit: 'count',
    meaning:
      'Events arrived that nobody has published, with a right checksum: somebody else publishes there.',
  },
  'nothing-delivered': {
    isTiming: false,
    unit: 'count',
    meaning: 'Events were due, and none arrived.',
  },
  accounting: {
    isTiming: false,
    unit: 'count',
    meaning:
      "An event or a delivery is unaccounted for: a fault of rtbench's own. Please report it.",
  },
  'negative-latency': {
    isTiming: false,
    unit: 'count',
    meaning: 'Events arrived before they were due: publisher and clients do not share a clock.',
  },
  'clock-offset': {
    isTiming: false,
    unit: 'count',
    meaning:
      "The server's stamps contradict this machine's clock, so that what rests on them is left out.",
  },
  overflow: {
    isTiming: false,
    unit: 'count',
    meaning: 'Latencies above an hour, which are counted as an hour: lower --rate.',
  },
  /** This and the next two are of older versions, whose results are still read. */
  'loop-delay': {
    isTiming: true,
    unit: 'time',
    meaning: 'Of older results: the event loops of workers or publisher were late.',
  },
  utilisation: {
    isTiming: true,
    unit: 'share',
    meaning: 'Of older results: the event loop of a worker was too busy.',
  },
  'host-idle': {
    isTiming: true,
    unit: 'share',
    meaning: 'Of older results: the whole machine was more than 80 % busy.',
  },
} as const satisfies Readonly<Record<string, ReasonKind>>

export type ReasonCode = keyof typeof KINDS

export const REASON_CODES = Object.keys(KINDS) as readonly ReasonCode[]

export type Severity = 'suspect' | 'invalid'

export interface Reason {
  readonly code: ReasonCode
  /** How grave this one is; the verdict is that of the gravest. */
  readonly severity: Severity
  /** One line: what is wrong and what to do. */
  readonly message: string
  readonly value: number | null
  readonly limit: number | null
}

/** Takes down a reason against a run. */
export type Note = (
  severity: Severity,
  code: ReasonCode,
  message: string,
  value?: number | null,
  limit?: number | null,
) => void

/** A run with its reasons, as its document has them. */
interface Judged {
  readonly validity: {
    readonly reasons: readonly { readonly code: string; readonly severity: string }[]
  }
}

/** The codes of a run's reasons of one severity, each once. */
export function codesOf({ validity }: Judged, wanted: Severity): readonly string[] {
  const reasons = validity.reasons.filter(({ severity }) => severity === wanted)
  return [...new Set(reasons.map(({ code }) => code))]
}

/** Of a code that another version wrote nothing is known but that it counts something. */
const UNKNOWN: ReasonKind = {
  isTiming: false,
  unit: 'count',
  meaning: 'Another version of rtbench wrote it.',
}

export function reasonKind(code: string): ReasonKind {
  const kinds: Readonly<Record<string, ReasonKind>> = KINDS
  return Object.hasOwn(kinds, code) ? (kinds[code] ?? UNKNOWN) : UNKNOWN
}

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return reasonKind(code).isTiming
}

/**
 * Whether a run is invalid for no other reason than that the machine was late, as one that others use
 * as well is now and then. Whoever is late every time stays invalid.
 */
export function wasLate(run: Judged & { readonly partial: boolean }): boolean {
  const codes = codesOf(run, 'invalid')
  return !run.partial && codes.length > 0 && codes.every((code) => reasonKind(code).isTiming)
}

/**
 * Whether a run is invalid for no other reason than that its bounds are apart, and has them: what is
 * asked of its latency at both of them, and answered alike, is answered.
 */
export function isLateWithBounds(
  run: Parameters<typeof wasLate>[0] & { readonly latencyLowerBound?: object | undefined },
): boolean {
  return (
    run.latencyLowerBound !== undefined &&
    wasLate(run) &&
    codesOf(run, 'invalid').every((code) => reasonKind(code).isBounded === true)
  )
}
