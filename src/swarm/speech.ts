import { setTimeout as sleep } from 'node:timers/promises'
import { NO_INSTANCE, type PublishRecorder } from '../history/recorder.ts'
import { NS_PER_MS, NS_PER_SECOND, NS_PER_US, nowNs } from '../measure/clock.ts'
import { seededRandom } from '../measure/random.ts'
import type { Target, VirtualClient } from '../transports/transport.ts'
import { formatFiller, formatMark } from '../wire/mark.ts'
import type { Snapshot, SpeechReport } from './heard.ts'
import type { Instrument } from './instrument.ts'
import {
  type Counts,
  noSpeech,
  type Span,
  type SpeechSchedule,
  type WorkerPlan,
} from './messages.ts'
import { ARRIVALS, type Arrivals, evenArrivals, mergedArrivals, SCHEDULE_STREAM } from './pacing.ts'
import { type Fate, PublishAccount } from './publish-connection.ts'
import { audience, channelName, channelOf, instanceOf, streamOf } from './run-order.ts'
import { PunctualTimer, SlipDebt } from './slip.ts'
import { type Message, type Outbox, OwnSocketsUp, RequestsUp, type WayUp } from './way-up.ts'

/** How long to wait at the end for what is not acknowledged; and after an interruption. */
const SETTLE_MS = 10_000
const SHORT_SETTLE_MS = 1_000
const SETTLE_STEP_MS = 20
const LOOK_MS = 1_000
/** Messages that nobody hears, before costs are taken, and one of each client: it opens its connection. */
const USUAL_HEATING = 1_000

/** What the messages of a shard need of it. */
export interface Speaker {
  readonly plan: WorkerPlan
  readonly counts: Counts
  readonly instrument: Instrument
  /** For a history; null where none is wanted. */
  readonly published?: PublishRecorder | null
  /** By the client's index in the shard. */
  clientAt(index: number): VirtualClient | null
  /** By its number in the swarm. */
  targetOf(client: number): Target
  onRead(): void
  onSpoken(report: SpeechReport): void
}

type Samples = NonNullable<Snapshot['speech']>

/**
 * The messages of a worker's clients, sent by a schedule that nothing can hold up (open model), of one
 * draw for the whole swarm: however many workers there are, each client sends at the same times.
 */
export class Speech implements Outbox {
  readonly #speaker: Speaker
  readonly #plan: WorkerPlan
  readonly #way: WayUp
  readonly #counts = noSpeech()
  readonly #account = new PublishAccount()
  /** By client, the sequence given last, and the first of the window. */
  readonly #last: Uint32Array
  readonly #first: Uint32Array
  #perSecond = new Uint32Array(0)
  readonly #lost = { senders: [] as number[], sequences: [] as number[] }
  readonly #debt = new SlipDebt()
  #arrivals = mergedArrivals([])
  #next = { atNs: Number.POSITIVE_INFINITY, channel: 0 }
  #startNs = 0
  #window: Span = { startNs: 0, endNs: 0 }
  /** Others' messages are read as soon as they come, but for a fifth of a millisecond. */
  readonly #timer = new PunctualTimer(
    () => this.#wake(),
    undefined,
    () => {
      // The loop has been to its poll: what it reads next is late by no more than the next slice.
      this.#speaker.onRead()
      return true
    },
  )
  #looks: NodeJS.Timeout | undefined
  #outstanding = 0
  #settleMs = SETTLE_MS
  #isOver = true
  #samples = noSamples()

  constructor(speaker: Speaker, ownSockets: boolean) {
    const { plan } = speaker
    this.#speaker = speaker
    this.#plan = plan
    this.#way = ownSockets
      ? new OwnSocketsUp(this, (index) => speaker.clientAt(index))
      : new RequestsUp(
          this,
          (client) => speaker.targetOf(client),
          () => speaker.onRead(),
        )
    this.#last = new Uint32Array(plan.end - plan.first)
    this.#first = new Uint32Array(plan.end - plan.first)
  }

  get openSockets(): number {
    return this.#way.openSockets
  }

  /** Of the connections on which clients receive, what is not for that. */
  get bytesInBand(): { readonly sent: number; readonly received: number } {
    const { bytesSent: sent, bytesReceived: received } = this.#way
    return this.#way instanceof OwnSocketsUp ? { sent, received } : { sent: 0, received: 0 }
  }

  begin(schedule: SpeechSchedule): void {
    const { window } = schedule
    this.#startNs = schedule.costs?.heating.span.startNs ?? schedule.loadFromNs
    this.#window = window
    this.#perSecond = new Uint32Array(Math.ceil((window.endNs - window.startNs) / NS_PER_SECOND))
    this.#arrivals = this.#arrivalsOf(schedule)
    this.#next = this.#arrivals.next().value
    this.#isOver = false
    this.#looks = setInterval(() => this.#way.look(), LOOK_MS)
    this.#wake()
  }

  /** Ends the window now, and does not wait long for acknowledgements. */
  finish(): void {
    if (this.#isOver) return
    this.#settleMs = SHORT_SETTLE_MS
    if (nowNs() >= this.#window.endNs) return
    this.#timer.cancel()
    this.#window = { ...this.#window, endNs: Math.min(nowNs(), this.#window.endNs) }
    this.#wake()
  }

  stop(): void {
    this.#timer.cancel()
    clearInterval(this.#looks)
    this.#way.close()
    this.#isOver = true
  }

  /** What came since the last time, and the counts of the way up until now. */
  take(): Samples {
    const { counts } = this.#speaker
    counts.upBytesSent = this.#way.bytesSent
    counts.upBytesReceived = this.#way.bytesReceived
    const taken = this.#samples
    this.#samples = noSamples()
    return {
      acknowledgedUs: Uint32Array.from(taken.acknowledgedUs),
      acknowledgedLateUs: Uint32Array.from(taken.acknowledgedLateUs),
      echoesUs: Uint32Array.from(taken.echoesUs),
      echoesLateUs: Uint32Array.from(taken.echoesLateUs),
      slipsUs: Uint32Array.from(taken.slipsUs),
    }
  }

  subscribed(index: number): void {
    if (this.#way instanceof OwnSocketsUp) this.#way.subscribed(index)
  }

  cut(index: number, cause: string): void {
    if (this.#way instanceof OwnSocketsUp) this.#way.cut(index, cause)
  }

  acknowledged(ref: number, refusal: string | null, bytes: number): void {
    if (this.#way instanceof OwnSocketsUp) this.#way.acknowledged(ref, refusal, bytes)
  }

  /** A client received a message of its own, in the window. */
  echoed(latencyUs: number, latenessUs: number): void {
    this.#samples.echoesUs.push(latencyUs)
    this.#samples.echoesLateUs.push(latenessUs)
  }

  onWritten(_message: Message, requests: number): void {
    const { counts } = this.#speaker
    counts.upMessages++
    counts.upRequests += requests
  }

  onSettled(message: Message, fate: Fate, cause: string | null): void {
    this.#outstanding--
    this.#speaker.counts.upAnswers++
    this.#record(message, fate, cause)
    if (this.#isOver || !message.counted) return
    this.#account.settle(fate, 1, cause)
    if (fate !== 'accepted') {
      this.#lost.senders.push(message.number)
      this.#lost.sequences.push(message.sequence)
      return
    }
    const now = nowNs()
    const slipNs = message.handedOverAtNs - message.intendedAtNs
    const lateNs = slipNs + this.#speaker.instrument.readLateNs(now)
    this.#samples.acknowledgedUs.push((now - message.intendedAtNs) / NS_PER_US)
    this.#samples.acknowledgedLateUs.push(lateNs / NS_PER_US)
  }

  /** What nobody hears is no part of a history. */
  #record(message: Message, fate: Fate, cause: string | null): void {
    const { published } = this.#speaker
    const { sequence, number, intendedAtNs, handedOverAtNs: sentAtNs } = message
    if (published == null || sequence === 0) return
    const { workload, behindFront } = this.#plan
    const stream = streamOf(workload, number)
    const instance = behindFront === true ? NO_INSTANCE : instanceOf(workload, number)
    published.settled({ stream, sequence, instance, intendedAtNs, sentAtNs }, fate, cause)
  }

  #wake(): void {
    if (this.#isOver) return
    this.#speaker.onRead()
    const now = nowNs()
    const { endNs } = this.#window
    this.#sendDue(Math.min(now, endNs))
    if (now < endNs) this.#timer.set(Math.min(this.#startNs + this.#next.atNs, endNs))
    else void this.#settle(now)
  }

  async #settle(sinceNs: number): Promise<void> {
    const isAwaited = (): boolean => this.#outstanding > 0 && !this.#isOver
    while (isAwaited() && nowNs() < sinceNs + this.#settleMs * NS_PER_MS) {
      await sleep(SETTLE_STEP_MS)
    }
    if (!this.#isOver) this.#report()
  }

  #sendDue(untilNs: number): void {
    while (this.#startNs + this.#next.atNs < untilNs) {
      const { atNs, channel } = this.#next
      this.#next = this.#arrivals.next().value
      const { clients } = this.#plan.workload
      // As the mark can say it.
      const intendedAtNs = Math.floor((this.#startNs + atNs) / NS_PER_US) * NS_PER_US
      const number = channel % clients
      this.#outstanding++
      this.#way.send(this.#compose(number, intendedAtNs, channel >= clients))
    }
  }

  #compose(number: number, intendedAtNs: number, isUnheard: boolean): Message {
    const { workload, first, payloadBytes } = this.#plan
    const index = number - first
    const now = nowNs()
    const debtNs = this.#debt.at(now)
    this.#debt.take(now - intendedAtNs, now)
    const handedOverAtNs = Math.max(now, debtNs > 0 ? intendedAtNs + debtNs : 0)
    const room = channelOf(workload, number)
    const channel = isUnheard ? workload.channels + instanceOf(workload, number) : room
    const sequence = isUnheard ? 0 : (this.#last[index] as number) + 1
    const counted = !isUnheard && intendedAtNs >= this.#window.startNs
    if (!isUnheard) this.#last[index] = sequence
    if (counted) this.#book(index, room, sequence, intendedAtNs, now)
    const mark = formatMark({
      run: workload.run,
      channel: isUnheard ? channel : streamOf(workload, number),
      sequence: Math.max(1, sequence),
      intendedAtNs,
      handedOverAtNs,
    })
    const data = mark + formatFiller(payloadBytes, mark.length)
    const name = channelName(workload, channel)
    return { index, number, channel: name, data, sequence, intendedAtNs, handedOverAtNs, counted }
  }

  #book(index: number, room: number, sequence: number, intendedAtNs: number, now: number): void {
    const counts = this.#counts
    const { startNs, endNs } = this.#window
    const receivers = audience(this.#plan.workload, room)
    const slipUs = Math.max(0, now - intendedAtNs) / NS_PER_US
    if (this.#first[index] === 0) this.#first[index] = sequence
    counts.due++
    // The last one may be a little late and be on time.
    if (now < endNs + NS_PER_MS) counts.sentInTime++
    counts.deliveries += receivers
    counts.slipUs += receivers * slipUs
    this.#samples.slipsUs.push(slipUs)
    const second = Math.floor((intendedAtNs - startNs) / NS_PER_SECOND)
    this.#perSecond[second] = (this.#perSecond[second] ?? 0) + 1
  }

  #report(): void {
    this.stop()
    const { accepted, dropped, unknown, refusals } = this.#account
    this.#speaker.onSpoken({
      counts: { ...this.#counts, accepted, dropped, unknown },
      refusals,
      first: this.#first,
      last: this.#last,
      unacknowledged: {
        senders: Uint32Array.from(this.#lost.senders),
        sequences: Uint32Array.from(this.#lost.sequences),
      },
      perSecond: this.#perSecond,
    })
  }

  /** Of the worker's clients; one that sends to nobody has a number beyond those of all clients. */
  #arrivalsOf({ costs, loadFromNs }: SpeechSchedule): Arrivals {
    const { arrivals, sendRate, workload, seed } = this.#plan
    const { clients } = workload
    const random = seededRandom(seed, SCHEDULE_STREAM)
    const load = ARRIVALS[arrivals](sendRate, clients, random, loadFromNs - this.#startNs)
    const schedules = [this.#own(load)]
    if (costs !== null) {
      const { heating, ingest } = costs
      const heated = Math.min(heating.events, Math.max(USUAL_HEATING, clients))
      const heaters = Math.max(1, Math.min(clients, heated))
      const unheard = (length: number): Uint32Array =>
        Uint32Array.from(
          { length },
          (_, index) => clients + Math.floor(((index % heaters) * clients) / heaters),
        )
      const evenly = ({ startNs, endNs }: Span, senders: Uint32Array): Arrivals =>
        this.#own(evenArrivals(startNs - this.#startNs, endNs - this.#startNs, senders))
      const seconds = (ingest.endNs - ingest.startNs) / NS_PER_SECOND
      const events = Math.max(1, Math.round(sendRate * clients * seconds))
      this.#counts.unheard = events
      schedules.push(evenly(heating.span, unheard(heated)), evenly(ingest, unheard(events)))
    }
    return mergedArrivals(schedules)
  }

  *#own(arrivals: Arrivals): Arrivals {
    const { workload, first, end } = this.#plan
    for (const arrival of arrivals) {
      const number = arrival.channel % workload.clients
      const isOwn = number >= first && number < end
      if (isOwn || arrival.atNs === Number.POSITIVE_INFINITY) yield arrival
    }
    throw new Error('a schedule never ends')
  }
}

function noSamples() {
  return {
    acknowledgedUs: [] as number[],
    acknowledgedLateUs: [] as number[],
    echoesUs: [] as number[],
    echoesLateUs: [] as number[],
    slipsUs: [] as number[],
  }
}
