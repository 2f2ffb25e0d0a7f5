/**
 * The law of a history, and whether a run kept it. It is judged from the records alone, by other code than
 * the run's own audit. docs/histories.md has the law in words, with its exceptions.
 */
import type { Stream } from './publishes.ts'
import { Publishes } from './publishes.ts'
import type {
  DeliveryRecord,
  DisruptionRecord,
  EndRecord,
  HistoryRecord,
  RunCounts,
  RunRecord,
  StrayRecord,
} from './record.ts'

/** The ways in which the law is broken, each with what it says of an event. */
export const VIOLATIONS = {
  lost: 'was acknowledged, and never came, and no gap was declared there',
  duplicate: 'came again, in no replay that was asked for',
  'out-of-order': 'came after one that was published later',
  unpublished: 'came, and nobody has published it',
  premature: 'came before it was due',
  misrouted: 'came to a client of another channel',
  damaged: 'came changed',
  foreign: 'is of another run',
} as const
export type ViolationKind = keyof typeof VIOLATIONS

/** A violation, where it is seen. */
export interface Violation {
  readonly kind: ViolationKind
  readonly client: number
  readonly channel: number | null
  readonly from: number | null
  /** Null of a payload that does not say which event it was. */
  readonly sequence: number | null
  readonly atUs: number
  /** The line that shows it; of what was lost that of the first later event, or of the client's end. */
  readonly line: number
  /** The line of its publish; null where there is none. */
  readonly publishLine: number | null
  /** The last disruption before it was due, `kill-instance`; null where there was none. */
  readonly after: { readonly kind: string; readonly atUs: number } | null
}

/** A figure that the run and its history have differently. */
export interface Disagreement {
  readonly figure: keyof RunCounts
  readonly run: number
  readonly history: number
}

export interface RunVerdict {
  readonly run: RunRecord
  /** Its end is there: it was not killed. */
  readonly isWhole: boolean
  /** It has an event: of a run that ended before its load there is nothing to judge. */
  readonly isJudged: boolean
  readonly clients: number
  readonly publishes: Publishes['counts']
  readonly deliveries: number
  readonly replayed: number
  readonly connectionsLost: number
  readonly gaps: number
  readonly disruptions: number
  /** What was owed, an event to a client each, and what became of it; the rest was lost. */
  readonly owed: number
  readonly kept: number
  readonly inGaps: number
  /** Due while a client was away that came back without a cursor. */
  readonly notSubscribed: number
  /** Nobody can know: the client was away at the end, or the end is not there. */
  readonly undecided: number
  /** Repeated or overtaken in a replay for which the client had no cursor that the server knew. */
  readonly excused: number
  readonly violations: Readonly<Record<ViolationKind, number>>
  /** Of each kind the first ones. */
  readonly examples: readonly Violation[]
  /** Null where the run's own counts are not there, or not comparable. */
  readonly disagreements: readonly Disagreement[] | null
}

/** Sequences that did not come in their turn, and what was said meanwhile. */
interface Hole {
  first: number
  last: number
  readonly line: number
  readonly atUs: number
  /** Events due before a gap was declared here, and before the client began anew here; -1 without. */
  readonly gapUs: number
  readonly afreshUs: number
}

/** A client's place in one order. */
interface Track {
  next: number
  /** Line of the last one that came in its turn. */
  line: number
  holes: Hole[] | null
}

class Client {
  readonly number: number
  /** Null until it is subscribed. */
  channel: number | null = null
  subscribedUs = -1
  /** It was subscribed before the window. */
  isCounted = false
  isLive = false
  /** It asks from a cursor, as far as its last connection said. */
  hasCursor = false
  /** What is replayed on this connection may have come before. */
  isRewound = false
  gapLine = 0
  gapUs = -1
  afreshLine = 0
  afreshUs = -1
  /** Line of its end; 0 before. */
  leftLine = 0
  leftUs = 0
  isHeldToEnd = false
  own: Track | null = null
  bySender: Map<number, Track> | null = null

  constructor(number: number) {
    this.number = number
  }

  /** Null where nothing of it came. */
  trackOf(from: number | undefined): Track | null {
    return from === undefined ? this.own : (this.bySender?.get(from) ?? null)
  }

  begin(from: number | undefined): Track {
    const track: Track = { next: 1, line: 0, holes: null }
    if (from === undefined) this.own = track
    else {
      this.bySender ??= new Map()
      this.bySender.set(from, track)
    }
    return track
  }
}

/**
 * Judges one run in two readings of its records: the first learns what was published, whatever the order in
 * which the processes' lines came to the file, the second sees what became of it.
 */
export class RunAudit {
  readonly #run: RunRecord
  readonly #maxExamples: number
  readonly #publishes = new Publishes()
  readonly #disruptions: DisruptionRecord[] = []
  #windowUs = Number.POSITIVE_INFINITY
  #end: EndRecord | null = null
  readonly #clients = new Map<number, Client>()
  readonly #violations: Record<ViolationKind, number>
  readonly #examples: Violation[] = []
  readonly #counts = {
    ...{ deliveries: 0, replayed: 0, connectionsLost: 0, gaps: 0, excused: 0 },
    ...{ kept: 0, inGaps: 0, notSubscribed: 0, undecided: 0 },
  }
  /** As the run itself counts. */
  readonly #own = {
    ...{ expected: 0, missing: 0, gapped: 0, duplicates: 0, outOfOrder: 0 },
    ...{ damaged: 0, foreign: 0, misrouted: 0, gapSignals: 0 },
  }

  constructor(run: RunRecord, maxExamples: number) {
    this.#run = run
    this.#maxExamples = maxExamples
    const kinds = Object.keys(VIOLATIONS).map((kind) => [kind, 0])
    this.#violations = Object.fromEntries(kinds) as Record<ViolationKind, number>
  }

  /**
   * The first reading.
   * @returns why a record cannot be; null where it can
   */
  learn(record: HistoryRecord, line: number): string | null {
    if (record.is === 'publish') return this.#publishes.add(record, line)
    if (record.is === 'disruption') this.#disruptions.push(record)
    else if (record.is === 'window') this.#windowUs = record.fromUs
    else if (record.is === 'end') this.#end = record
    return null
  }

  /** The second reading, of all records in their order. */
  judge(record: HistoryRecord, line: number): void {
    switch (record.is) {
      case 'delivery':
        this.#deliver(record, line)
        break
      case 'open': {
        const client = this.#client(record.client)
        client.hasCursor = record.cursor !== undefined
        break
      }
      case 'subscribed':
        this.#subscribe(this.#client(record.client), record.channel, record.atUs, line)
        break
      case 'lost': {
        const client = this.#client(record.client)
        client.isLive = false
        client.isRewound = false
        this.#counts.connectionsLost++
        break
      }
      case 'gap': {
        const client = this.#client(record.client)
        client.gapLine = line
        client.gapUs = record.atUs
        client.isRewound = true
        this.#counts.gaps++
        this.#own.gapSignals++
        break
      }
      case 'stray':
        this.#stray(record, line)
        break
      case 'left': {
        const client = this.#client(record.client)
        client.leftLine = line
        client.leftUs = record.atUs
        client.isHeldToEnd = record.subscribed
        break
      }
      default:
        break
    }
  }

  finish(): RunVerdict {
    for (const client of this.#clients.values()) this.#settle(client)
    const { kept, inGaps, notSubscribed, undecided, ...counts } = this.#counts
    const { acknowledged, refused, unknown } = this.#publishes.counts
    return {
      run: this.#run,
      isWhole: this.#end !== null,
      isJudged: acknowledged + refused + unknown + counts.deliveries > 0,
      clients: this.#clients.size,
      publishes: this.#publishes.counts,
      ...counts,
      disruptions: this.#disruptions.length,
      owed: kept + inGaps + notSubscribed + undecided + this.#violations.lost,
      ...{ kept, inGaps, notSubscribed, undecided },
      violations: this.#violations,
      examples: this.#examples,
      disagreements: this.#disagreements(),
    }
  }

  #client(number: number): Client {
    const known = this.#clients.get(number)
    if (known !== undefined) return known
    const client = new Client(number)
    this.#clients.set(number, client)
    return client
  }

  #subscribe(client: Client, channel: number, atUs: number, line: number): void {
    if (client.channel === null) {
      client.channel = channel
      client.subscribedUs = atUs
      client.isCounted = atUs < this.#windowUs
    } else if (!client.hasCursor) {
      client.afreshLine = line
      client.afreshUs = atUs
      client.isRewound = true
    }
    client.isLive = true
  }

  #stray({ client, kind, atUs }: StrayRecord, line: number): void {
    const what = kind === 'foreign' ? 'foreign' : 'damaged'
    this.#own[what]++
    const { channel } = this.#client(client)
    this.#violate({ kind: what, client, channel, from: null, sequence: null, atUs, line })
  }

  #deliver(record: DeliveryRecord, line: number): void {
    const { channel, from, sequence, atUs, replay: isReplay = false } = record
    const client = this.#client(record.client)
    const counts = this.#counts
    counts.deliveries++
    if (isReplay) counts.replayed++
    const violate = (kind: ViolationKind): void =>
      this.#violate({ ...record, kind, from: from ?? null, line })
    // What comes to a client whose subscription nobody has confirmed yet is not owed, and may come.
    if (client.channel !== null && channel !== client.channel) {
      this.#own.misrouted++
      violate('misrouted')
      return
    }
    const stream = this.#publishes.streamOf(channel, from)
    const intendedUs = stream?.intendedUs[sequence]
    // Of a run that was killed nobody knows what else was published.
    if (intendedUs === undefined) {
      if (this.#end?.complete === true) violate('unpublished')
      return
    }
    if (atUs < intendedUs) violate('premature')
    const isCounted = client.isCounted && intendedUs >= this.#windowUs
    // Where the client could not say what it had, or the server not tell, all of it may come again.
    const isExcused = isReplay && client.isRewound
    const track = client.trackOf(from) ?? client.begin(from)
    if (sequence >= track.next) {
      if (sequence > track.next) {
        track.holes ??= []
        track.holes.push(this.#hole(client, track, sequence - 1, line, atUs))
      }
      track.next = sequence + 1
      track.line = line
    } else if (fill(track, sequence)) {
      if (isCounted) this.#own.outOfOrder++
      if (isExcused) counts.excused++
      else violate('out-of-order')
    } else {
      if (isCounted) this.#own.duplicates++
      if (isExcused) counts.excused++
      else violate('duplicate')
      return
    }
    const isOwed =
      client.channel !== null &&
      stream?.fates[sequence] === 'acknowledged' &&
      intendedUs >= client.subscribedUs
    if (isOwed) counts.kept++
  }

  /** From what is awaited next up to a sequence, with what was said since the last one that came. */
  #hole(client: Client, track: Track, last: number, line: number, atUs: number): Hole {
    return {
      ...{ first: track.next, last, line, atUs },
      gapUs: client.gapLine > track.line ? client.gapUs : -1,
      afreshUs: client.afreshLine > track.line ? client.afreshUs : -1,
    }
  }

  /** At the end, all that a client has not received. */
  #settle(client: Client): void {
    if (client.channel === null) return
    const isDecided = client.isHeldToEnd && this.#end?.drained === true
    for (const stream of this.#publishes.heardOn(client.channel)) {
      if (client.isCounted) this.#own.expected += this.#inWindow(stream)
      const track = client.trackOf(stream.from) ?? { next: 1, line: 0, holes: null }
      for (const hole of track.holes ?? []) this.#miss(client, stream, hole, true)
      if (track.next > stream.last) continue
      const rest = this.#hole(client, track, stream.last, client.leftLine, client.leftUs)
      this.#miss(client, stream, rest, isDecided)
    }
  }

  #miss(client: Client, stream: Stream, hole: Hole, isDecided: boolean): void {
    const { workload, disrupted } = this.#run
    const excusesUnacknowledged = workload === 'chat' || disrupted
    const last = Math.min(hole.last, stream.last)
    for (let sequence = hole.first; sequence <= last; sequence++) {
      const intendedUs = stream.intendedUs[sequence]
      if (intendedUs === undefined) continue
      const isAcknowledged = stream.fates[sequence] === 'acknowledged'
      if (client.isCounted && intendedUs >= this.#windowUs) {
        // As the run counts: of what was not acknowledged that is owed that came.
        if (excusesUnacknowledged && !isAcknowledged) this.#own.expected--
        else {
          this.#own.missing++
          if (hole.gapUs >= 0) this.#own.gapped++
        }
      }
      if (!isAcknowledged || intendedUs < client.subscribedUs) continue
      if (intendedUs < hole.gapUs) this.#counts.inGaps++
      else if (intendedUs < hole.afreshUs) this.#counts.notSubscribed++
      else if (!isDecided) this.#counts.undecided++
      else {
        this.#violate({
          ...{ kind: 'lost', client: client.number, channel: stream.channel },
          ...{ from: stream.from ?? null, sequence, atUs: intendedUs, line: hole.line },
        })
      }
    }
  }

  readonly #windowCounts = new Map<Stream, number>()

  #inWindow(stream: Stream): number {
    const known = this.#windowCounts.get(stream)
    if (known !== undefined) return known
    let count = 0
    for (const intendedUs of stream.intendedUs) if (intendedUs >= this.#windowUs) count++
    this.#windowCounts.set(stream, count)
    return count
  }

  #violate(violation: Omit<Violation, 'publishLine' | 'after'>): void {
    const { kind, client, channel, from, sequence, atUs, line } = violation
    const count = ++this.#violations[kind]
    if (count > this.#maxExamples) return
    const stream =
      channel === null ? undefined : this.#publishes.streamOf(channel, from ?? undefined)
    const publishLine = sequence === null ? null : (stream?.lines[sequence] ?? null)
    const last = this.#disruptions.findLast((disruption) => disruption.atUs <= atUs)
    const after = last === undefined ? null : { kind: last.kind, atUs: last.atUs }
    const where = { client, channel, from, sequence, atUs, line }
    this.#examples.push({ kind, ...where, publishLine, after })
  }

  #disagreements(): readonly Disagreement[] | null {
    const counts = this.#end?.counts ?? null
    if (counts === null) return null
    const figures = Object.keys(this.#own) as (keyof RunCounts)[]
    return figures.flatMap((figure) => {
      const [run, history] = [counts[figure], this.#own[figure]]
      return run === undefined || run === history ? [] : [{ figure, run, history }]
    })
  }
}

/** Takes a sequence out of the holes; false where it is in none. */
function fill({ holes }: Track, sequence: number): boolean {
  const at = holes?.findIndex(({ first, last }) => sequence >= first && sequence <= last) ?? -1
  const hole = holes?.[at]
  if (holes == null || hole === undefined) return false
  const before = { ...hole, last: sequence - 1 }
  const after = { ...hole, first: sequence + 1 }
  holes.splice(at, 1, ...[before, after].filter(({ first, last }) => first <= last))
  return true
}

export function countViolations({ violations }: Pick<RunVerdict, 'violations'>): number {
  return Object.values(violations).reduce((sum, count) => sum + count, 0)
}
