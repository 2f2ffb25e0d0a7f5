/**
 * A backplane over one connection to a bus's server, a link, of which a new one is dialled after each
 * interruption. What a bus does in a way of its own is the link; what all of them owe is here: the first
 * events and the next ones without a seam, each once, channels, outages, time limits.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import type {
  Backplane,
  BusAccount,
  BusMessage,
  BusOptions,
  BusReading,
  BusReceiver,
  ChannelRouting,
  Delivered,
} from './backplane.ts'
import { shownUrl } from './bus-url.ts'
import { Waiting } from './waiting.ts'

/** What the store holds. */
export interface Extent {
  /** The newest position given; 0 for none. */
  readonly newest: number
  /** The highest position whose event is not retained any more; 0 for none. */
  readonly lostUpTo: number
  /** All up to this position that this link was to be told of, it has been told of; 0 where the bus does not say. */
  readonly told: number
}

export interface Replayed extends Extent {
  /** With rising positions. */
  readonly events: readonly Delivered[]
}

/** One connection to a bus. All that it answers is refused once it is gone. */
export interface Link {
  /** Of the store that was found when it was dialled; when it is another one, the link ends. */
  readonly epoch: string
  /** Resolves when all are taken, in this order and that of the calls. */
  publish(messages: readonly BusMessage[]): Promise<void>
  /** From its call on these channels' events are told. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channel: string): void
  extent(): Promise<Extent>
  /** What is retained after a position, as it is when asked for: of one channel, or of all. */
  replay(after: number, channel: string | null): Promise<Replayed>
  read(): Promise<BusReading | null>
  /** Takes its leave; as last member it removes what it and others left. */
  close(): Promise<void>
  /** Ends it at once. */
  cut(cause: string): void
}

/** An event as a link tells it. */
export interface Told extends Delivered {
  /** The position of the one before on its channel, 0 for none; where a link tells all in order it says nothing. */
  readonly previous?: number
}

/** What a link tells, as soon as it is dialled. */
export interface LinkEar {
  /** With routing by channel of what was subscribed to, else of all. */
  onEvents(events: readonly Told[], bytes: number): void
  /** Once: it is no more, for this cause; not after it was closed. */
  onEnd(cause: string): void
  onSent(bytes: number): void
}

/** Connects; rejects with what a person can understand, and takes no longer than {@link DIAL_MS}. */
export type Dial = (ear: LinkEar, known: KnownStore) => Promise<Link>

/** What was found before: a store of this epoch that holds less has lost events, and begins anew. */
export interface KnownStore {
  /** Empty for none. */
  readonly epoch: string
  readonly newest: number
}

export const DIAL_MS = 5_000
const REDIAL_MS = 200
const PUBLISH_MS = 4_000
/** The least of it that is left to what has waited for the bus. */
const LATE_PUBLISH_MS = 1_000
const ANSWER_MS = 10_000
const BEAT_MS = 1_000
/** So many beats without an answer are the end of a link: not a time, since a loop that stalled was not waiting. */
const PATIENT_BEATS = 4
/**
 * With routing by channel, how far back what is asked for again begins before what came last: where a link tells
 * channels in no order, another one's event may still have been on its way.
 */
const OVERLAP = 1_000
/** The most events that are held for one before them. */
const MOST_AHEAD = 1_000
const LEFT_OUT = 'it left events out, which are asked for again'

/** A channel that was entered. */
interface Entered {
  ready: Promise<number>
  /** Until what is retained has come, what is told meanwhile waits here; then null. */
  waiting: Told[] | null
  /** What lies up to here has been received. */
  last: number
}

/** A link, and where one stands with it. */
interface Session {
  readonly link: Link
  /** What is told before all that is retained has come; null when it has. */
  early: Told[] | null
  /** Told before what comes before it. */
  ahead: readonly Told[]
  beat: NodeJS.Timeout | null
}

/** Dials for the first time: what is wrong then is wrong with the command. */
export async function openLinked(
  url: string,
  label: string,
  options: BusOptions,
  dial: Dial,
): Promise<Backplane> {
  const bus = new LinkedBackplane(dial, options)
  try {
    await bus.connect()
    return bus
  } catch (error) {
    await bus.close()
    if (error instanceof RtbenchError) throw error
    const cause = causeOf(error)
    throw new RtbenchError(
      'cannot-run',
      `--backplane ${shownUrl(url)}: no ${label}: ${cause}`,
      error,
    )
  }
}

/** What went wrong, in a line. */
export function causeOf(error: unknown): string {
  const { message = '', code = '' } = error as NodeJS.ErrnoException
  const { errors } = error as AggregateError
  if (message === '' && errors?.[0] !== undefined) return causeOf(errors[0])
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its host is not known (${code})`
  return (message || code || String(error)).replace(/\s+/g, ' ').trim()
}

class LinkedBackplane implements Backplane {
  readonly channels: ChannelRouting | null
  readonly account: { -readonly [Key in keyof BusAccount]: BusAccount[Key] } = {
    published: 0,
    received: 0,
    bytesOut: 0,
    bytesIn: 0,
  }
  readonly #dial: Dial
  readonly #isRouted: boolean
  /** Null while there is none, or none that has caught up. */
  #session: Session | null = null
  /** Why there is none. */
  #cause = 'it was never reached'
  #receiver: BusReceiver | null = null
  #epoch = ''
  /** Up to here all has been received that was to come. */
  #last = 0
  readonly #entered = new Map<string, Entered>()
  readonly #closing = new AbortController()
  #redialling: Promise<void> | null = null
  readonly #waiting = new Waiting()

  constructor(dial: Dial, { routing }: BusOptions) {
    this.#dial = dial
    this.#isRouted = routing === 'by-channel'
    this.channels = this.#isRouted
      ? { enter: (channel) => this.#enter(channel), leave: (channel) => this.#leave(channel) }
      : null
  }

  /** Dials, and catches up where one has joined. */
  async connect(): Promise<void> {
    let session: Session | null = null
    let ended: string | null = null
    const link = await this.#dial(
      {
        onEvents: (events, bytes) => {
          this.account.bytesIn += bytes
          if (session !== null) this.#hear(session, events)
        },
        onEnd: (cause) => {
          ended ??= cause
          if (session !== null) this.#onEnd(session, cause)
        },
        onSent: (bytes) => {
          this.account.bytesOut += bytes
        },
      },
      { epoch: this.#epoch, newest: this.#last },
    )
    session = { link, early: null, ahead: [], beat: null }
    try {
      if (this.#receiver !== null) await this.#catchUp(session, this.#receiver)
      if (ended !== null) throw new Error(ended)
      if (this.#closing.signal.aborted) throw new Error('it is closed')
    } catch (error) {
      link.cut('given up')
      throw error
    }
    session.beat = this.#beating(session)
    this.#session = session
    this.#waiting.handOver((messages, waitedMs) =>
      this.#publish(link, messages, Math.max(LATE_PUBLISH_MS, PUBLISH_MS - waitedMs)),
    )
  }

  async join(receiver: BusReceiver): Promise<void> {
    const session = this.#linked()
    this.#receiver = receiver
    await this.#catchUp(session, receiver)
    // It may have been lost meanwhile, and another one have caught up.
    this.#linked()
  }

  publish(messages: readonly BusMessage[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#unreached())
    if (messages.length === 0) return Promise.resolve()
    if (this.#session !== null) return this.#publish(this.#session.link, messages, PUBLISH_MS)
    return this.#waiting.add(messages, (why) => new Error(`${this.#unreached().message}; ${why}`))
  }

  async #publish(link: Link, messages: readonly BusMessage[], ms: number): Promise<void> {
    await within(ms, link.publish(messages))
    this.account.published += messages.length
  }

  async read(): Promise<BusReading | null> {
    const { link } = this.#linked()
    return within(ANSWER_MS, link.read()).catch(() => null)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const session = this.#session
    this.#forget('it is closed')
    this.#waiting.refuse(this.#unreached())
    await session?.link.close()
    await this.#redialling
  }

  #linked(): Session {
    if (this.#session === null) throw this.#unreached()
    return this.#session
  }

  #unreached(): Error {
    return new Error(`the bus cannot be reached: ${this.#cause}`)
  }

  /** Receives what is retained after what came last, then what was told since it was asked for. */
  async #catchUp(session: Session, receiver: BusReceiver): Promise<void> {
    const { link } = session
    const early: Told[] = []
    session.early = early
    const isNew = link.epoch !== this.#epoch
    const after = isNew ? 0 : this.#last
    const entered = [...this.#entered].filter(([, { waiting }]) => waiting === null)
    if (entered.length > 0) {
      await within(ANSWER_MS, link.subscribe(entered.map(([channel]) => channel)))
    }
    const isNothing = this.#isRouted && entered.length === 0
    const { newest, lostUpTo, events } = isNothing
      ? { ...(await within(ANSWER_MS, link.extent())), events: [] }
      : await within(
          ANSWER_MS,
          link.replay(this.#isRouted ? Math.max(0, after - OVERLAP) : after, null),
        )
    if (this.#closing.signal.aborted) return
    session.early = null
    const missing = this.#isRouted ? lostUpTo : lastMissing(events, after, newest)
    this.#epoch = link.epoch
    this.#last = after
    if (isNew) {
      for (const [, channel] of entered) channel.last = 0
      receiver.begin(link.epoch, missing)
    } else if (missing > after) receiver.gap(missing)
    this.#receive(events.filter((event) => this.#isFresh(event)))
    this.#last = Math.max(this.#last, newest)
    for (const [, channel] of entered) channel.last = Math.max(channel.last, newest)
    this.#take(
      session,
      early.filter(({ position }) => position > newest),
    )
  }

  #hear(session: Session, events: readonly Told[]): void {
    if (this.#receiver === null) return
    if (session.early !== null) session.early.push(...events)
    else if (session === this.#session) this.#take(session, events)
  }

  /** Receives what is told, each event after the one before it: what comes too early is held until then. */
  #take(session: Session, events: readonly Told[]): void {
    const fresh: Delivered[] = []
    let told: readonly Told[] = session.ahead.length === 0 ? events : [...session.ahead, ...events]
    for (;;) {
      const ahead: Told[] = []
      for (const event of told) {
        if (this.#isAhead(event)) ahead.push(event)
        else if (this.#isFresh(event)) fresh.push(event)
      }
      session.ahead = ahead
      if (ahead.length === 0 || ahead.length === told.length) break
      told = ahead.sort((one, other) => one.position - other.position)
    }
    this.#receive(fresh)
    if (session.ahead.length > MOST_AHEAD) this.#cut(session, LEFT_OUT)
  }

  #isAhead({ position, previous = 0, message }: Told): boolean {
    if (!this.#isRouted) return position > this.#last + 1
    const entered = this.#entered.get(message.channel)
    return entered?.waiting === null && previous > entered.last
  }

  #receive(fresh: readonly Delivered[]): void {
    if (fresh.length === 0) return
    this.account.received += fresh.length
    this.#receiver?.receive(fresh)
  }

  #isFresh(event: Told): boolean {
    const { position, message } = event
    if (!this.#isRouted) {
      if (position <= this.#last) return false
      this.#last = position
      return true
    }
    const entered = this.#entered.get(message.channel)
    if (entered === undefined) return false
    if (entered.waiting !== null) {
      entered.waiting.push(event)
      return false
    }
    if (position <= entered.last) return false
    entered.last = position
    this.#last = Math.max(this.#last, position)
    return true
  }

  #enter(channel: string): Promise<number> {
    const known = this.#entered.get(channel)
    if (known !== undefined) return known.ready
    const session = this.#session
    if (session === null) return Promise.reject(this.#unreached())
    const entered: Entered = { ready: Promise.resolve(0), waiting: [], last: 0 }
    this.#entered.set(channel, entered)
    // Now, so that whoever leaves it again is heard after this.
    const subscribed = session.link.subscribe([channel])
    entered.ready = this.#fill(session, channel, entered, subscribed)
    return entered.ready
  }

  /** Receives what is retained of a channel, then what was told since it was subscribed to. */
  async #fill(
    session: Session,
    channel: string,
    entered: Entered,
    subscribed: Promise<void>,
  ): Promise<number> {
    const isStill = (): boolean => this.#entered.get(channel) === entered
    try {
      await within(ANSWER_MS, subscribed)
      const { events, newest, lostUpTo } = await within(ANSWER_MS, session.link.replay(0, channel))
      if (this.#session !== session) throw this.#unreached()
      const waiting = entered.waiting ?? []
      entered.waiting = null
      if (isStill()) {
        this.#receive(events.filter((event) => this.#isFresh(event)))
        entered.last = Math.max(entered.last, newest)
        this.#take(
          session,
          waiting.filter(({ position }) => position > newest),
        )
      }
      return lostUpTo
    } catch (error) {
      if (isStill()) this.#leave(channel)
      throw error
    }
  }

  #leave(channel: string): void {
    if (this.#entered.delete(channel)) this.#session?.link.unsubscribe(channel)
  }

  /** Asks a link now and then how far it is; one that does not answer is cut. */
  #beating(session: Session): NodeJS.Timeout {
    let unanswered = 0
    let told = 0
    let held: Told | undefined
    return setInterval(() => {
      if (unanswered > PATIENT_BEATS) this.#cut(session, `it did not answer for ${PATIENT_BEATS} s`)
      if (unanswered++ > 0) return
      session.link.extent().then(
        (extent) => {
          unanswered = 0
          if (session !== this.#session || this.#receiver === null) return
          const [first] = session.ahead
          if (this.#isRouted) this.#last = Math.max(this.#last, extent.told)
          const isLeftOut = this.#isRouted
            ? first !== undefined && first === held
            : told > this.#last
          if (isLeftOut) this.#cut(session, LEFT_OUT)
          // What is on its way at the moment is there at the next beat.
          told = extent.newest
          held = first
        },
        () => {},
      )
    }, BEAT_MS)
  }

  #cut(session: Session, cause: string): void {
    session.link.cut(cause)
    this.#onEnd(session, cause)
  }

  #onEnd(session: Session, cause: string): void {
    if (session !== this.#session) return
    this.#forget(cause)
    this.#receiver?.lost(cause)
    this.#redialling ??= this.#redial()
  }

  async #redial(): Promise<void> {
    const { signal } = this.#closing
    while (this.#session === null && !signal.aborted) {
      try {
        await sleep(REDIAL_MS, undefined, { signal })
        await this.connect()
      } catch (error) {
        // It is tried until it is there or nobody wants it any more; that it is lost was said.
        if (!signal.aborted) this.#cause = causeOf(error)
      }
    }
    this.#redialling = null
    if (this.#session !== null) this.#receiver?.restored()
  }

  #forget(cause: string): void {
    if (this.#session?.beat) clearInterval(this.#session.beat)
    this.#session = null
    this.#cause = cause
  }
}

/** The highest position after one, and up to the newest, that is not among events with rising positions. */
function lastMissing(events: readonly Delivered[], after: number, newest: number): number {
  let missing = newest
  for (let at = events.length - 1; at >= 0; at--) {
    const { position } = events[at] as Delivered
    if (position > newest) continue
    if (position !== missing) break
    missing--
  }
  return Math.max(missing, after)
}

function within<Value>(ms: number, answer: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
