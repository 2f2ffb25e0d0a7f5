/**
 * Histories made up from a seed: a server with one log, clients that come late, are cut, resume from a
 * cursor or without one, are told of gaps, and stay away at the end. They keep the law by how they are
 * made; a planter then breaks it once, in a known way. Nothing here is shared with what judges them.
 */
import assert from 'node:assert/strict'
import { type Random, seededRandom } from '../measure/random.ts'
import { RunAudit, type RunVerdict, type ViolationKind } from './audit.ts'
import {
  type DeliveryRecord,
  type EndRecord,
  type HistoryRecord,
  type PublishRecord,
  parseRecord,
  type RunCounts,
  type RunRecord,
} from './record.ts'

/** A record of a client, and what is true of it beside. */
interface Entry {
  readonly record: HistoryRecord
  /** A delivery that the law asks for, alone in its place: without it something is lost. */
  readonly isNeeded: boolean
  /** A delivery on a connection on which nothing may come again. */
  readonly isStrict: boolean
}

export interface Synthetic {
  readonly head: RunRecord
  readonly windowUs: number
  readonly publishes: PublishRecord[]
  /** By client, in its order. */
  readonly clients: Entry[][]
  readonly disruptions: HistoryRecord[]
  /** Null of a run that was killed. */
  readonly end: Pick<EndRecord, 'complete' | 'drained'> | null
}

const LENGTH_US = 10_000_000
const WINDOW_US = 2_000_000

class Dice {
  readonly random: Random

  constructor(seed: number) {
    this.random = seededRandom(seed, 77)
  }

  below(end: number): number {
    return Math.floor(this.random() * end)
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  /** @throws where there is none */
  one<Item>(items: readonly Item[]): Item {
    assert.ok(items.length > 0, 'nothing to choose from')
    return items[this.below(items.length)] as Item
  }
}

/** A history that keeps the law. */
export function cleanHistory(seed: number): Synthetic {
  const dice = new Dice(seed)
  const clients = 1 + dice.below(12)
  const channels = 1 + dice.below(clients)
  const isChat = dice.chance(0.35)
  const instances = 1 + dice.below(3)
  const isKilled = dice.chance(0.1)
  const disrupted = dice.chance(0.3)
  const head: RunRecord = {
    ...{ is: 'run', history: 1, rtbench: '0', transport: dice.one(['sse', 'long-poll']) },
    ...{ repetition: 1, clients, channels, instances, workload: isChat ? 'chat' : 'events' },
    ...{ seed, disrupted, startedAt: '2026-11-30T00:00:00Z' },
  }
  const logs: Log[] = Array.from({ length: channels }, (_, channel) =>
    makeLog(dice, channel, isChat ? membersOf(channel, clients, channels) : [], instances),
  )
  const made = Array.from({ length: clients }, (_, client) =>
    new SyntheticClient(dice, client, logs[client % channels] as Log, isKilled).live(),
  )
  const disruptions = disrupted
    ? [
        {
          is: 'disruption',
          atUs: dice.below(LENGTH_US),
          kind: 'kill-instance',
          instance: 0,
        } as const,
      ]
    : []
  return {
    head,
    windowUs: WINDOW_US,
    publishes: logs.flatMap(({ publishes }) => publishes),
    clients: made,
    disruptions,
    end: isKilled ? null : { complete: true, drained: true },
  }
}

function membersOf(channel: number, clients: number, channels: number): number[] {
  return Array.from({ length: clients }, (_, client) => client).filter(
    (client) => client % channels === channel,
  )
}

/** A channel's events: what was published, and in which order the server has what. */
interface Log {
  readonly channel: number
  readonly publishes: PublishRecord[]
  readonly events: PublishRecord[]
}

/** @param senders the clients that speak; none where the publisher does */
function makeLog(dice: Dice, channel: number, senders: readonly number[], instances: number): Log {
  const publishes: PublishRecord[] = []
  const events: PublishRecord[] = []
  const sequences = new Map<number | undefined, number>()
  let us = dice.below(500_000)
  while (us < LENGTH_US - 1_500_000) {
    us += 1 + dice.below(700_000)
    const from = senders.length === 0 || dice.chance(0.05) ? undefined : dice.one(senders)
    const sequence = (sequences.get(from) ?? 0) + 1
    sequences.set(from, sequence)
    const fate = dice.chance(0.92) ? 'acknowledged' : dice.one(['refused', 'unknown'] as const)
    const publish: PublishRecord = {
      ...{ is: 'publish', channel, ...(from === undefined ? {} : { from }), sequence },
      ...{ intendedUs: us, sentUs: us + dice.below(200), settledUs: us + 200 + dice.below(900) },
      ...{
        fate,
        ...(fate === 'acknowledged' ? {} : { cause: 'closed' }),
        by: dice.below(instances),
      },
    }
    publishes.push(publish)
    const isLogged = fate === 'acknowledged' || (fate === 'unknown' && dice.chance(0.5))
    if (isLogged) events.push(publish)
  }
  return { channel, publishes, events }
}

/** Lives from its first connection to the run's end, and writes down what happens to it. */
class SyntheticClient {
  readonly #dice: Dice
  readonly #client: number
  readonly #log: Log
  readonly #isKilled: boolean
  readonly #entries: Entry[] = []
  #us = 0
  /** Its place in the log: what comes next. */
  #at = 0
  /** In this place, something was said by which what is missing is excused. */
  #isExcusedHere = true
  #isRewound = false
  #subscribedUs = 0

  constructor(dice: Dice, client: number, log: Log, isKilled: boolean) {
    this.#dice = dice
    this.#client = client
    this.#log = log
    this.#isKilled = isKilled
  }

  live(): Entry[] {
    const dice = this.#dice
    this.#us = dice.below(dice.chance(0.2) ? 6_000_000 : 900_000)
    this.#say({ is: 'open', ...this.#when() })
    if (dice.chance(0.1)) {
      this.#say({ is: 'lost', ...this.#when(), cause: 'ECONNREFUSED' })
      this.#say({ is: 'open', ...this.#when(200_000) })
    }
    this.#subscribe()
    this.#subscribedUs = this.#us
    // What was due before may be on its way yet.
    const due = this.#indexAt(this.#us)
    this.#at = Math.max(0, due - dice.below(3))
    while (this.#at < this.#log.events.length) {
      const step = dice.random()
      if (step < 0.1) this.#resume()
      else if (step < 0.13) this.#miss()
      else this.#deliver(this.#log.events[this.#at++] as PublishRecord, false)
      if (this.#isKilled && dice.chance(0.03)) return this.#judged()
    }
    const end = dice.random()
    if (end < 0.1) this.#say({ is: 'lost', ...this.#when(), cause: 'closed' })
    this.#us = Math.max(this.#us, LENGTH_US)
    // A worker that was lost does not tell of its clients' end.
    if (end > 0.05) this.#say({ is: 'left', ...this.#when(), subscribed: end >= 0.1 })
    return this.#judged()
  }

  /** Cut, and back: from a cursor, or afresh. */
  #resume(): void {
    const dice = this.#dice
    this.#say({ is: 'lost', ...this.#when(), cause: dice.one(['closed', 'ECONNRESET', 'timeout']) })
    this.#isRewound = false
    // What is due by then, it has missed.
    const hasCursor = dice.chance(0.8)
    this.#us += dice.below(1_500_000)
    const asks = hasCursor ? { cursor: `rtbi_${this.#at}_` } : {}
    this.#say({ is: 'open', ...this.#when(), ...asks })
    const isGapFirst = dice.chance(0.5)
    const due = this.#indexAt(this.#us)
    const isGap = hasCursor && due - this.#at > 1 && dice.chance(0.4)
    if (isGap && isGapFirst) this.#gap()
    this.#subscribe()
    if (!hasCursor) this.#begin()
    if (isGap && !isGapFirst) this.#gap()
    const now = this.#indexAt(this.#us)
    if (isGap) this.#at += 1 + dice.below(due - this.#at)
    else if (!hasCursor) {
      // Where it begins is the server's choice: what it had may come again.
      this.#at = dice.chance(0.3) ? Math.max(0, now - 1 - dice.below(6)) : now
    }
    while (this.#at < now) this.#deliver(this.#log.events[this.#at++] as PublishRecord, true)
  }

  #begin(): void {
    this.#isExcusedHere = true
    this.#isRewound = true
  }

  /** The server loses some, and says so. */
  #miss(): void {
    const us = Math.max(this.#us, (this.#log.events[this.#at] as PublishRecord).intendedUs + 1)
    this.#us = us + this.#dice.below(300_000)
    this.#gap()
    const due = this.#indexAt(this.#us)
    this.#at = Math.min(due, this.#at + 1 + this.#dice.below(3))
  }

  #gap(): void {
    this.#say({ is: 'gap', ...this.#when() })
    this.#begin()
  }

  #subscribe(): void {
    this.#say({ is: 'subscribed', channel: this.#log.channel, ...this.#when() })
  }

  #deliver(event: PublishRecord, isReplay: boolean): void {
    this.#us = Math.max(this.#us, event.sentUs) + this.#dice.below(isReplay ? 50 : 40_000)
    const { channel, from, sequence } = event
    const isNeeded =
      event.fate === 'acknowledged' &&
      event.intendedUs >= this.#subscribedUs &&
      !this.#isExcusedHere
    this.#isExcusedHere = false
    this.#entries.push({
      record: {
        ...{ is: 'delivery', channel, ...(from === undefined ? {} : { from }), sequence },
        ...{ client: this.#client, atUs: this.#us, ...(isReplay ? { replay: true } : {}) },
      },
      isNeeded,
      isStrict: !(isReplay && this.#isRewound),
    })
  }

  /** Of a chat, an excuse lies in the orders of all senders: only what lies between two deliveries of its own is needed. */
  #judged(): Entry[] {
    const entries = this.#entries
    const last = entries.at(-1)?.record
    const isHeld = last?.is === 'left' && last.subscribed && !this.#isKilled
    return entries.map((entry, index) => {
      if (!entry.isNeeded) return entry
      const { record } = entry
      // What came again is no place in the order.
      const before = entries
        .slice(0, index)
        .findLastIndex((other) => other.isStrict && isOfOneOrder(other, record))
      const after = entries.findIndex((other, at) => at > index && isOfOneOrder(other, record))
      const between = entries.slice(before + 1, after < 0 ? undefined : after)
      const isAlone = !between.some(({ record: { is } }) => is === 'gap' || is === 'open')
      const isOnly = !entries.some(
        (other) => other !== entry && isOfOneOrder(other, record) && isSame(other, record),
      )
      // Before the first of an order nothing shows that it was subscribed, but that is known.
      return { ...entry, isNeeded: isAlone && isOnly && (after >= 0 || isHeld) && before >= 0 }
    })
  }

  #indexAt(us: number): number {
    const at = this.#log.events.findIndex(({ sentUs }) => sentUs > us)
    return at < 0 ? this.#log.events.length : at
  }

  #when(withinUs = 20_000): { readonly client: number; readonly atUs: number } {
    this.#us += 1 + this.#dice.below(withinUs)
    return { client: this.#client, atUs: this.#us }
  }

  #say(record: HistoryRecord): void {
    this.#entries.push({ record, isNeeded: false, isStrict: false })
  }
}

function isOfOneOrder({ record }: Pick<Entry, 'record'>, other: HistoryRecord): boolean {
  if (record.is !== 'delivery' || other.is !== 'delivery') return false
  return record.channel === other.channel && record.from === other.from
}

function isSame({ record }: Pick<Entry, 'record'>, other: HistoryRecord): boolean {
  return record.is === 'delivery' && other.is === 'delivery' && record.sequence === other.sequence
}

/** What a run's own audit would count of it, by going over everything. */
function countsOf({ head, windowUs, publishes, clients }: Synthetic): RunCounts {
  const counts = {
    ...{ expected: 0, missing: 0, duplicates: 0, outOfOrder: 0 },
    ...{ damaged: 0, foreign: 0, misrouted: 0, gapSignals: 0 },
  }
  for (const entries of clients) {
    const records = entries.map(({ record }) => record)
    const subscribed = records.find((record) => record.is === 'subscribed')
    const isCounted = subscribed !== undefined && subscribed.atUs < windowUs
    const had = new Set<PublishRecord>()
    for (const record of records) {
      if (record.is === 'gap') counts.gapSignals++
      if (record.is === 'stray') counts[record.kind as 'damaged' | 'foreign']++
      if (record.is !== 'delivery') continue
      if (record.channel !== subscribed?.channel) {
        counts.misrouted++
        continue
      }
      const of = (one: PublishRecord): boolean =>
        one.channel === record.channel && one.from === record.from
      const event = publishes.find((one) => of(one) && one.sequence === record.sequence)
      if (event === undefined) continue
      const isLate = [...had].some((one) => of(one) && one.sequence > event.sequence)
      if (isCounted && event.intendedUs >= windowUs) {
        if (had.has(event)) counts.duplicates++
        else if (isLate) counts.outOfOrder++
      }
      had.add(event)
    }
    if (!isCounted) continue
    for (const event of publishes) {
      if (event.channel !== subscribed.channel || event.intendedUs < windowUs) continue
      const isExcused =
        (head.workload === 'chat' || head.disrupted) && event.fate !== 'acknowledged'
      if (isExcused && !had.has(event)) continue
      counts.expected++
      if (!had.has(event)) counts.missing++
    }
  }
  return counts
}

/** The lines of a history, as several processes would have brought them: each in its own order. */
export function linesOf(history: Synthetic, seed: number, counts = countsOf(history)): string[] {
  const dice = new Dice(seed + 1)
  const { head, windowUs, publishes, clients, disruptions, end } = history
  const queues: HistoryRecord[][] = [
    publishes.slice().sort((a, b) => a.settledUs - b.settledUs),
    ...clients.map((entries) => entries.map(({ record }) => record)),
    disruptions.slice(),
  ]
  const lines: HistoryRecord[] = [head, { is: 'window', fromUs: windowUs, toUs: LENGTH_US }]
  for (;;) {
    const rest = queues.filter((queue) => queue.length > 0)
    if (rest.length === 0) break
    const queue = dice.one(rest)
    lines.push(...queue.splice(0, 1 + dice.below(9)))
  }
  if (end !== null) lines.push({ is: 'end', atUs: LENGTH_US + 1, ...end, counts })
  return lines.map((record) => JSON.stringify(record))
}

/** Judges lines, which begin with a run. */
export function judge(lines: readonly string[], maxExamples = 100): RunVerdict {
  const records = lines.map((line) => {
    const record = parseRecord(line)
    if (typeof record === 'string') assert.fail(`${line}: ${record}`)
    return record
  })
  const [head, ...rest] = records
  if (head?.is !== 'run') return assert.fail('no run')
  const audit = new RunAudit(head, maxExamples)
  for (const [index, record] of rest.entries()) assert.equal(audit.learn(record, index + 2), null)
  for (const [index, record] of rest.entries()) audit.judge(record, index + 2)
  return audit.finish()
}

/** What was planted, and how it must be named. */
export interface Planted {
  readonly history: Synthetic
  readonly kind: ViolationKind
  /** Whom and what of it is told. */
  readonly client: number
  readonly sequence: number | null
}

type Plant = (history: Synthetic, dice: Dice) => Planted | null

interface Place {
  readonly client: number
  readonly index: number
  readonly entry: Entry
  readonly record: DeliveryRecord
}

function deliveries(history: Synthetic): Place[] {
  return history.clients.flatMap((entries, client) =>
    entries.flatMap((entry, index) =>
      entry.record.is === 'delivery' ? [{ client, index, entry, record: entry.record }] : [],
    ),
  )
}

/** A history with other entries of one client. */
function changed(history: Synthetic, client: number, entries: readonly Entry[]): Synthetic {
  const clients = history.clients.slice()
  clients[client] = [...entries]
  return { ...history, clients }
}

function inserted(
  history: Synthetic,
  client: number,
  at: number,
  record: HistoryRecord,
): Synthetic {
  const entries = (history.clients[client] as Entry[]).slice()
  entries.splice(at, 0, { record, isNeeded: false, isStrict: true })
  return changed(history, client, entries)
}

const later = ({ record }: Entry): number => ('atUs' in record ? record.atUs : 0)

/** The kinds of a violation, each a way to break the law once; null where a history has no place for it. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'an event is left out': (history, dice) => {
    const places = deliveries(history).filter(({ entry }) => entry.isNeeded)
    if (places.length === 0) return null
    const { client, index, record } = dice.one(places)
    const entries = (history.clients[client] as Entry[]).filter((_, at) => at !== index)
    return {
      history: changed(history, client, entries),
      kind: 'lost',
      client,
      sequence: record.sequence,
    }
  },
  'an event comes twice': (history, dice) => {
    const places = deliveries(history)
    if (places.length === 0) return null
    const { client, index, record } = dice.one(places)
    const again = { ...record, replay: false, atUs: record.atUs + 1 }
    return {
      history: inserted(history, client, index + 1, again),
      ...{ kind: 'duplicate', client, sequence: record.sequence },
    }
  },
  'a replay begins with what the cursor names': (history, dice) => {
    const places = history.clients.flatMap((entries, client) =>
      entries.flatMap((entry, index) => {
        const opened = entries.slice(0, index).findLast(({ record }) => record.is === 'open')
        const isResume = entry.record.is === 'subscribed' && opened !== undefined
        if (!isResume || !('cursor' in opened.record)) return []
        const said = entries.slice(entries.indexOf(opened), index + 2)
        const had = entries.slice(0, index).findLast(({ record }) => record.is === 'delivery')
        const isGap = said.some(({ record }) => record.is === 'gap')
        return had === undefined || isGap ? [] : [{ client, index, had, atUs: later(entry) }]
      }),
    )
    if (places.length === 0) return null
    const { client, index, had, atUs } = dice.one(places)
    const again = { ...(had.record as DeliveryRecord), replay: true, atUs: atUs + 1 }
    return {
      history: inserted(history, client, index + 1, again),
      ...{ kind: 'duplicate', client, sequence: again.sequence },
    }
  },
  'two events change places': (history, dice) => {
    const all = deliveries(history)
    const pairs = all.flatMap((first, at) => {
      const second = all[at + 1]
      if (second === undefined || second.client !== first.client) return []
      const isNext = second.index === first.index + 1
      const areOne = isOfOneOrder(first.entry, second.record)
      const areStrict = first.entry.isStrict && second.entry.isStrict
      const isRising = second.record.sequence > first.record.sequence
      // Where the first one has been before, it would come again and not late.
      const isFresh = !all
        .slice(0, at)
        .some(
          (one) =>
            one.client === first.client &&
            isOfOneOrder(one.entry, first.record) &&
            one.record.sequence >= first.record.sequence,
        )
      return isNext && areOne && areStrict && isRising && isFresh ? [{ first, second }] : []
    })
    if (pairs.length === 0) return null
    const { first, second } = dice.one(pairs)
    const entries = (history.clients[first.client] as Entry[]).slice()
    const { atUs } = second.record
    entries[first.index] = { ...second.entry, record: { ...second.record, atUs } }
    entries[second.index] = { ...first.entry, record: { ...first.record, atUs } }
    return {
      history: changed(history, first.client, entries),
      ...{ kind: 'out-of-order', client: first.client, sequence: first.record.sequence },
    }
  },
  'an event comes that nobody published': (history, dice) => {
    const places = deliveries(history)
    if (places.length === 0 || history.end === null) return null
    const { client, index, record } = dice.one(places)
    const forged = { ...record, sequence: dice.one([1_000, 77_777, 4_294_967_290]) }
    return {
      history: inserted(history, client, index, forged),
      ...{ kind: 'unpublished', client, sequence: forged.sequence },
    }
  },
  'an event comes before it is due': (history, dice) => {
    const places = deliveries(history)
    if (places.length === 0) return null
    const { client, index, entry, record } = dice.one(places)
    const event = history.publishes.find(
      (one) =>
        one.channel === record.channel &&
        one.from === record.from &&
        one.sequence === record.sequence,
    ) as PublishRecord
    const entries = (history.clients[client] as Entry[]).slice()
    entries[index] = { ...entry, record: { ...record, atUs: event.intendedUs - 1 } }
    return {
      history: changed(history, client, entries),
      ...{ kind: 'premature', client, sequence: record.sequence },
    }
  },
  'an event comes to another channel': (history, dice) => {
    const places = deliveries(history)
    if (history.head.channels < 2 || places.length === 0) return null
    const { record } = dice.one(places)
    const others = places.filter(({ record: { channel } }) => channel !== record.channel)
    if (others.length === 0) return null
    const { client, index, record: near } = dice.one(others)
    return {
      history: inserted(history, client, index, { ...record, client, atUs: near.atUs }),
      ...{ kind: 'misrouted', client, sequence: record.sequence },
    }
  },
  'an event comes damaged': (history, dice) => stray(history, dice, 'damaged'),
  'an event of another run comes': (history, dice) => stray(history, dice, 'foreign'),
  'an event is acknowledged that was not logged': (history, dice) => {
    const places = history.publishes.flatMap((event) => {
      const { channel, from, sequence, fate, intendedUs } = event
      const hearers = history.clients.filter(
        (_, client) => client % history.head.channels === channel,
      )
      const [entries] = hearers
      if (fate === 'acknowledged' || hearers.length !== 1 || entries === undefined) return []
      const order: DeliveryRecord = {
        is: 'delivery',
        client: 0,
        channel,
        sequence,
        atUs: 0,
        ...(from === undefined ? {} : { from }),
      }
      const its = (at: number): DeliveryRecord | null => {
        const { record } = entries[at] as Entry
        return record.is === 'delivery' && isOfOneOrder({ record }, order) ? record : null
      }
      if (entries.some((_, at) => its(at)?.sequence === sequence)) return []
      const before = entries.findLastIndex(
        (entry, at) => entry.isStrict && (its(at)?.sequence ?? sequence) < sequence,
      )
      const after = entries.findIndex((_, at) => (its(at)?.sequence ?? 0) > sequence)
      if (before < 0 || after < before) return []
      const between = entries.slice(before, after)
      if (between.some(({ record: { is } }) => is === 'gap' || is === 'open')) return []
      const subscribed = entries.find(({ record: { is } }) => is === 'subscribed') as Entry
      return intendedUs < later(subscribed) ? [] : [event]
    })
    if (places.length === 0) return null
    const event = dice.one(places)
    const publishes = history.publishes.map(
      (one): PublishRecord => (one === event ? { ...one, fate: 'acknowledged' } : one),
    )
    const client = history.clients.findIndex(
      (_, one) => one % history.head.channels === event.channel,
    )
    return { history: { ...history, publishes }, kind: 'lost', client, sequence: event.sequence }
  },
}

function stray(history: Synthetic, dice: Dice, kind: 'damaged' | 'foreign'): Planted | null {
  const places = deliveries(history)
  if (places.length === 0) return null
  const { client, index, record } = dice.one(places)
  const { atUs } = record
  return {
    history: inserted(history, client, index, { is: 'stray', client, atUs, kind }),
    ...{ kind, client, sequence: null },
  }
}

/** Breaks the law once in some history near a seed, in a named way. */
export function planted(name: string, seed: number): Planted {
  const plant = PLANTS[name] ?? assert.fail(name)
  for (let tried = 0; tried < 200; tried++) {
    const found = plant(cleanHistory(seed * 1_000 + tried), new Dice(seed + tried))
    if (found !== null) return found
  }
  return assert.fail(`no place for it: ${name}`)
}

/** The same history without a gap that was declared in it; null where each client has none, or several. */
export function withoutGap(history: Synthetic): Synthetic | null {
  const client = history.clients.findIndex((entries) => {
    const is = (kind: string): number => entries.filter(({ record }) => record.is === kind).length
    const asksAnew = entries.filter(({ record }) => record.is === 'open' && !('cursor' in record))
    return is('gap') === 1 && asksAnew.length === 1 && is('lost') < 9
  })
  if (client < 0) return null
  const entries = (history.clients[client] as Entry[]).filter(({ record: { is } }) => is !== 'gap')
  return changed(history, client, entries)
}
