/**
 * The records of a history, one JSON object a line. Times are whole microseconds since the run began, by
 * the monotonic clock of the machine on which clients and publisher ran. docs/histories.md explains each.
 */

export const HISTORY_VERSION = 1

/** A run begins; all that follows is of it, until the next one. */
export interface RunRecord {
  readonly is: 'run'
  /** Version of the format. */
  readonly history: number
  readonly rtbench: string
  readonly transport: string
  readonly repetition: number
  readonly clients: number
  readonly channels: number
  readonly instances: number
  /** `events`, or `chat`: clients send, each in an order of its own. */
  readonly workload: string
  readonly seed: number
  /** It was to be disrupted: what was not acknowledged is counted as owed to nobody, as in a chat. */
  readonly disrupted: boolean
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** When what is counted begins, and was to end. */
export interface WindowRecord {
  readonly is: 'window'
  readonly fromUs: number
  readonly toUs: number
}

/** The fate of a publish: the server took it; it refused it, or never got it; or nobody knows. */
export type PublishFate = 'acknowledged' | 'refused' | 'unknown'

/** A publish, written when its fate is known. */
export interface PublishRecord {
  readonly is: 'publish'
  readonly channel: number
  /** The client that sent it; missing where the publisher did. */
  readonly from?: number
  /** 1, 2, 3… of the channel's events, or of this sender's. */
  readonly sequence: number
  readonly intendedUs: number
  readonly sentUs: number
  readonly settledUs: number
  readonly fate: PublishFate
  readonly cause?: string
  /** The instance that it was sent to; missing where a front chose it. */
  readonly by?: number
}

/** A connection stands, on which the client asks for what comes after a cursor; without one from now on. */
interface OpenRecord {
  readonly is: 'open'
  readonly client: number
  readonly atUs: number
  readonly cursor?: string
}

interface SubscribedRecord {
  readonly is: 'subscribed'
  readonly client: number
  readonly channel: number
  readonly atUs: number
}

/** A connection is gone, or could not be made. */
interface LostRecord {
  readonly is: 'lost'
  readonly client: number
  readonly atUs: number
  readonly cause: string
}

/** The server said to a client that events may be missing here. */
interface GapRecord {
  readonly is: 'gap'
  readonly client: number
  readonly atUs: number
}

export interface DeliveryRecord {
  readonly is: 'delivery'
  readonly client: number
  readonly channel: number
  readonly from?: number
  readonly sequence: number
  readonly atUs: number
  /** It was due before the client was subscribed anew, and came after. */
  readonly replay?: boolean
}

/** A payload that nobody published so: changed on its way, or of another run. */
export interface StrayRecord {
  readonly is: 'stray'
  readonly client: number
  readonly atUs: number
  readonly kind: string
}

/** The client ended by itself, at the end of the run. */
interface LeftRecord {
  readonly is: 'left'
  readonly client: number
  readonly atUs: number
  /** It was until then. */
  readonly subscribed: boolean
}

/** Something was done to the run on purpose. */
export interface DisruptionRecord {
  readonly is: 'disruption'
  readonly atUs: number
  readonly kind: string
  /** The end of what lasts. */
  readonly untilUs?: number
  readonly instance?: number
  /** How many clients, or connections, it was done to. */
  readonly clients?: number
  readonly note?: string
}

/** The counts of the run's own audit that a history can be held against. */
export interface RunCounts {
  /** Of the window's events, to clients that were subscribed before it. */
  readonly expected: number
  /** Of those expected, what did not come, in a declared gap or not. */
  readonly missing: number
  /** Of those missing, what lies where a gap was declared; undefined of a run that did not tell. */
  readonly gapped?: number
  readonly duplicates: number
  readonly outOfOrder: number
  /** Of the whole run. */
  readonly damaged: number
  readonly foreign: number
  readonly misrouted: number
  readonly gapSignals: number
}

/** The run's last record; missing where it was killed. */
export interface EndRecord {
  readonly is: 'end'
  readonly atUs: number
  /** Every publish has a record. */
  readonly complete: boolean
  /** What was owed at the end was waited for as long as the technique may take. */
  readonly drained: boolean
  /** Null where a part of it was lost, so that the two cannot be held against each other. */
  readonly counts: RunCounts | null
}

export type HistoryRecord =
  | RunRecord
  | WindowRecord
  | PublishRecord
  | OpenRecord
  | SubscribedRecord
  | LostRecord
  | GapRecord
  | DeliveryRecord
  | StrayRecord
  | LeftRecord
  | DisruptionRecord
  | EndRecord

type Kind = HistoryRecord['is']
type FieldKind = 'count' | 'text' | 'flag' | 'fate' | 'counts'
type Field = readonly [name: string, kind: FieldKind, isOptional: boolean]

const FATES: readonly unknown[] = ['acknowledged', 'refused', 'unknown'] satisfies PublishFate[]

/** `client count, from? count` */
function fields(text: string): readonly Field[] {
  return text.split(', ').map((field) => {
    const [name = '', kind = ''] = field.split(' ')
    return [name.replace('?', ''), kind as FieldKind, name.endsWith('?')]
  })
}

/** What each record has; others than these are refused. */
const FIELDS: Readonly<Record<Kind, readonly Field[]>> = {
  run: fields(
    'history count, rtbench text, transport text, repetition count, clients count, channels count, instances count, workload text, seed count, disrupted flag, startedAt text',
  ),
  window: fields('fromUs count, toUs count'),
  publish: fields(
    'channel count, from? count, sequence count, intendedUs count, sentUs count, settledUs count, fate fate, cause? text, by? count',
  ),
  open: fields('client count, atUs count, cursor? text'),
  subscribed: fields('client count, channel count, atUs count'),
  lost: fields('client count, atUs count, cause text'),
  gap: fields('client count, atUs count'),
  delivery: fields(
    'client count, channel count, from? count, sequence count, atUs count, replay? flag',
  ),
  stray: fields('client count, atUs count, kind text'),
  left: fields('client count, atUs count, subscribed flag'),
  disruption: fields(
    'atUs count, kind text, untilUs? count, instance? count, clients? count, note? text',
  ),
  end: fields('atUs count, complete flag, drained flag, counts counts'),
}

const COUNTS = fields(
  'expected count, missing count, gapped? count, duplicates count, outOfOrder count, damaged count, foreign count, misrouted count, gapSignals count',
)

/**
 * Reads a line.
 * @returns why it is no record, where it is none
 */
export function parseRecord(line: string): HistoryRecord | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'is no JSON'
  }
  if (typeof value !== 'object' || value === null) return 'is no JSON object'
  const record = value as Readonly<Record<string, unknown>>
  const kind = record['is']
  const known = typeof kind === 'string' && Object.hasOwn(FIELDS, kind)
  if (!known) return `is of an unknown kind, ${JSON.stringify(kind)?.slice(0, 40)}`
  const fault = faultOf(record, FIELDS[kind as Kind])
  return fault === null ? (value as HistoryRecord) : `${kind}.${fault}`
}

function faultOf(
  record: Readonly<Record<string, unknown>>,
  wanted: readonly Field[],
): string | null {
  for (const [name, kind, isOptional] of wanted) {
    const value = record[name]
    if (value === undefined && isOptional) continue
    if (!isOf(value, kind)) return `${name} is not ${EXPECTED[kind]}`
  }
  return null
}

const EXPECTED: Readonly<Record<FieldKind, string>> = {
  count: 'a whole number',
  text: 'a text',
  flag: 'true or false',
  fate: 'acknowledged, refused or unknown',
  counts: 'the counts of a run, or null',
}

function isOf(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0
    case 'text':
      return typeof value === 'string'
    case 'flag':
      return typeof value === 'boolean'
    case 'fate':
      return FATES.includes(value)
    case 'counts':
      if (value === null) return true
      return typeof value === 'object' && faultOf(value as Record<string, unknown>, COUNTS) === null
  }
}
