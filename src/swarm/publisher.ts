import { setTimeout as sleep } from 'node:timers/promises'
import { type PublishBatch, PublishRecorder } from '../history/recorder.ts'
import { NS_PER_MS, NS_PER_SECOND, NS_PER_US, nowNs } from '../measure/clock.ts'
import { LatencyHistogram } from '../measure/histogram.ts'
import { LoopMeter, type LoopReading, LoopWatch } from '../measure/lateness.ts'
import { seededRandom } from '../measure/random.ts'
import { formatFiller, OpenMark } from '../wire/mark.ts'
import { type Connect, SharedReader } from '../wire/socket.ts'
import type { PublisherReport } from './heard.ts'
import type { PublisherPlan, PublishSchedule, Span } from './messages.ts'
import { ARRIVALS, type Arrivals, evenArrivals, mergedArrivals, SCHEDULE_STREAM } from './pacing.ts'
import { PublishAccount } from './publish-connection.ts'
import { BatchLink, type Letter, type PublishLink, type RecordFate } from './publish-link.ts'
import { RequestLink } from './request-link.ts'
import { audience, entryOf, instancesOf } from './run-order.ts'
import { PunctualTimer, SlipDebt } from './slip.ts'

/** How long to wait at the end for the answers that are still outstanding. */
const SETTLE_MS = 10_000
/** The same, after an interruption. */
const SHORT_SETTLE_MS = 1_000
const SETTLE_STEP_MS = 20

/** Handing over a second's publishes takes less. */
const HISTORY_CALM_NS = 2 * NS_PER_MS

/** An event of the schedule, and its letter to each instance that it enters. */
interface Due {
  readonly channel: number
  readonly sequence: number
  readonly intendedAtNs: number
  readonly letters: readonly { readonly link: PublishLink; readonly letter: Letter }[]
  /** It belongs to the window. */
  readonly counted: boolean
}

/**
 * Publishes by a schedule that nothing can hold up (open model): each wake-up sends all that is
 * due, and what is late is sent late and said to be. The next event is written down before it is due,
 * and all that is counted is counted when it has left.
 */
export class Publisher {
  readonly #plan: PublisherPlan
  /** Null where no history is wanted. */
  readonly #recorder: PublishRecorder | null
  readonly #onHistory: (publishes: PublishBatch) => void
  #toldAtNs = 0
  readonly #links: readonly PublishLink[]
  readonly #account = new PublishAccount()
  #arrivals = mergedArrivals([])
  readonly #timer = new PunctualTimer(
    () => this.#wake(),
    () => this.#rehearse(),
    () => this.#links.some(({ isWaiting }) => isWaiting),
  )
  readonly #loop = new LoopMeter()
  readonly #watch = new LoopWatch().start()
  /** At the window's beginning; from its end on, what the window took. */
  #cost = { cpuUs: 0, waitedUs: 0, longestStallUs: 0 }
  /** Of the window; null before its end. */
  #loopReading: LoopReading | null = null
  readonly #slips = new LatencyHistogram()
  /** Summed over the deliveries to come, and how many these are. */
  #slipNs = 0
  #deliveries = 0
  /** The sequence given last, by channel. */
  readonly #sequences: Uint32Array
  /** The window's first sequence, by channel; 0 where there is none yet. */
  readonly #first: Uint32Array
  readonly #channelLinks: (readonly PublishLink[] | undefined)[]
  #perSecond = new Uint32Array(0)
  #next: Due | null = null
  readonly #leaving: Due[] = []
  #startNs = 0
  readonly #debt = new SlipDebt()
  #window: Span = { startNs: 0, endNs: 0 }
  readonly #counts = { due: 0, published: 0, sentInTime: 0, unheard: 0 }
  #settleMs = SETTLE_MS
  #publishing = false
  #inWindow = false
  #finish: (report: PublisherReport) => void = () => {}

  /**
   * @param onHistory gets what was noted for a history, every so often and before the report
   * @param connect to a described server; a reference server is always spoken to over HTTP/1.1
   */
  constructor(
    plan: PublisherPlan,
    onHistory: (publishes: PublishBatch) => void = () => {},
    connect?: Connect,
  ) {
    this.#plan = plan
    this.#recorder = plan.records === true ? new PublishRecorder() : null
    this.#onHistory = onHistory
    const { workload, targets } = plan
    const { channels } = workload
    const reader = new SharedReader()
    this.#links = targets.map((target, instance) => {
      const record = this.#recorder === null ? null : this.#recordOf(this.#recorder, instance)
      return target.publish === undefined
        ? new BatchLink(target, workload, reader, this.#account, record)
        : new RequestLink(target, target.publish, workload, reader, this.#account, record, connect)
    })
    this.#sequences = new Uint32Array(channels + targets.length)
    this.#first = new Uint32Array(channels)
    this.#channelLinks = new Array<readonly PublishLink[] | undefined>(channels + targets.length)
  }

  /** Publishes to the window's end; resolves when the answers are in. */
  publish(schedule: PublishSchedule): Promise<PublisherReport> {
    const { window } = schedule
    this.#startNs = Math.min(schedule.canaries.span.startNs, schedule.loadFromNs)
    this.#arrivals = this.#arrivalsOf(schedule)
    this.#window = window
    this.#perSecond = new Uint32Array(Math.ceil((window.endNs - window.startNs) / NS_PER_SECOND))
    return new Promise((resolve) => {
      this.#finish = resolve
      this.#publishing = true
      this.#wake()
    })
  }

  /** What nobody hears is no part of a history. */
  #recordOf(recorder: PublishRecorder, instance: number): RecordFate {
    const { channels } = this.#plan.workload
    return ({ channel: stream, mark, handedOverAtNs: sentAtNs }, fate, cause) => {
      if (stream >= channels) return
      const { sequence, intendedAtNs } = mark
      recorder.settled({ stream, sequence, instance, intendedAtNs, sentAtNs }, fate, cause)
    }
  }

  /** When nothing is due for a while: what it takes delays no event. */
  #tellHistory(now: number): void {
    const isCalm = this.#upcoming.intendedAtNs - now > HISTORY_CALM_NS
    const isDue = now - this.#toldAtNs > NS_PER_SECOND
    if ((isDue && isCalm) || this.#recorder?.isFull) this.#handOverHistory(now)
  }

  #handOverHistory(now: number): void {
    this.#toldAtNs = now
    const publishes = this.#recorder?.take() ?? null
    if (publishes !== null) this.#onHistory(publishes)
  }

  #arrivalsOf({ canaries, costs, loadFromNs }: PublishSchedule): Arrivals {
    const { arrivals, rate, workload, targets, seed } = this.#plan
    const evenly = ({ startNs, endNs }: Span, channels: Uint32Array): Arrivals =>
      evenArrivals(startNs - this.#startNs, endNs - this.#startNs, channels)
    const random = seededRandom(seed, SCHEDULE_STREAM)
    const startNs = loadFromNs - this.#startNs
    const schedules = [evenly(canaries.span, canaries.channels)]
    if (rate > 0) schedules.push(ARRIVALS[arrivals](rate, workload.channels, random, startNs))
    if (costs !== null) {
      const { heating, ingest } = costs
      const seconds = (ingest.endNs - ingest.startNs) / NS_PER_SECOND
      const events = Math.max(1, Math.round(rate * workload.channels * seconds))
      this.#counts.unheard = events
      // Beyond the channels that clients listen to there is one for each instance.
      const unheard = (length: number): Uint32Array =>
        Uint32Array.from({ length }, (_, index) => workload.channels + (index % targets.length))
      schedules.push(evenly(heating.span, unheard(heating.events)), evenly(ingest, unheard(events)))
    }
    return mergedArrivals(schedules)
  }

  /** Ends the window now, and does not wait long for answers. */
  finish(): void {
    this.#settleMs = SHORT_SETTLE_MS
    if (!this.#publishing) return
    this.#timer.cancel()
    // The wake-up at its end may be late: what was not in the window then is not now.
    this.#window = { ...this.#window, endNs: Math.min(nowNs(), this.#window.endNs) }
    this.#wake()
  }

  #wake(): void {
    this.#watch.enter()
    const { startNs, endNs } = this.#window
    const now = nowNs()
    if (!this.#inWindow && now >= startNs) {
      this.#inWindow = true
      this.#loop.reset()
      this.#cost = costOf(this.#watch)
    }
    this.#sendDue(Math.min(now, endNs))
    if (now < endNs) {
      if (this.#recorder !== null) this.#tellHistory(nowNs())
      this.#timer.set(Math.min(this.#upcoming.intendedAtNs, endNs))
    } else {
      this.#publishing = false
      this.#loopReading = this.#loop.read()
      const { cpuUs, waitedUs } = this.#cost
      const cost = costOf(this.#watch)
      this.#cost = { ...cost, cpuUs: cost.cpuUs - cpuUs, waitedUs: cost.waitedUs - waitedUs }
      this.#watch.stop()
      for (const link of this.#links) link.finish()
      void this.#settle(now)
    }
  }

  #sendDue(untilNs: number): void {
    for (;;) {
      const due = this.#upcoming
      if (due.intendedAtNs >= untilNs) break
      this.#next = null
      this.#leaving.push(due)
      const debtNs = this.#debt.at(untilNs)
      this.#debt.take(untilNs - due.intendedAtNs, untilNs)
      for (const { link, letter } of due.letters) {
        if (debtNs > 0) letter.toldFromNs = due.intendedAtNs + debtNs
        link.add(letter)
      }
      this.#sequences[due.channel] = due.sequence
    }
    for (const link of this.#links) link.flush()
    for (const due of this.#leaving) if (due.counted) this.#book(due)
    this.#leaving.length = 0
  }

  /** A processor that was elsewhere would take a tenth of a millisecond to find its way again. */
  #rehearse(): void {
    for (const { link, letter } of this.#upcoming.letters) link.rehearse(letter)
  }

  /** The event that comes next, written down. */
  get #upcoming(): Due {
    this.#next ??= this.#compose()
    return this.#next
  }

  #compose(): Due {
    const { workload, payloadBytes } = this.#plan
    const { atNs, channel } = this.#arrivals.next().value
    // As the mark can say it.
    const intendedAtNs = Math.floor((this.#startNs + atNs) / NS_PER_US) * NS_PER_US
    const sequence = (this.#sequences[channel] as number) + 1
    const counted = intendedAtNs >= this.#window.startNs
    const mark = new OpenMark({ run: workload.run, channel, sequence, intendedAtNs })
    const filler = formatFiller(payloadBytes, mark.text.length)
    const letters = this.#linksOf(channel).map((link) => ({
      link,
      letter: link.compose(channel, mark, filler, counted),
    }))
    return { channel, sequence, intendedAtNs, letters, counted }
  }

  #book({ channel, sequence, intendedAtNs, letters }: Due): void {
    const { startNs, endNs } = this.#window
    const handedOverAtNs = letters[0]?.letter.handedOverAtNs ?? nowNs()
    const slipNs = Math.max(0, handedOverAtNs - intendedAtNs)
    const receivers = audience(this.#plan.workload, channel)
    if (this.#first[channel] === 0) this.#first[channel] = sequence
    this.#counts.due += letters.length
    this.#deliveries += receivers
    this.#slipNs += receivers * slipNs
    this.#counts.published++
    // The last event may be a little late and be on time.
    if (handedOverAtNs < endNs + NS_PER_MS) this.#counts.sentInTime++
    this.#slips.record(Math.round(slipNs / NS_PER_US))
    const second = Math.floor((intendedAtNs - startNs) / NS_PER_SECOND)
    this.#perSecond[second] = (this.#perSecond[second] ?? 0) + 1
  }

  #linksOf(channel: number): readonly PublishLink[] {
    this.#channelLinks[channel] ??= this.#instancesFor(channel).map(
      (instance) => this.#links[instance] as PublishLink,
    )
    return this.#channelLinks[channel]
  }

  #instancesFor(channel: number): readonly number[] {
    const { workload, targets } = this.#plan
    const { channels } = workload
    if (channel >= channels) return [channel - channels]
    // Whether the instances of somebody else's server are connected nobody knows.
    const isDescribed = targets[0]?.publish !== undefined
    return isDescribed ? instancesOf(workload, channel) : [entryOf(workload, channel)]
  }

  async #settle(sinceNs: number): Promise<void> {
    const isOpen = (): boolean => this.#links.some((link) => link.outstanding > 0)
    while (isOpen() && nowNs() < sinceNs + this.#settleMs * NS_PER_MS) await sleep(SETTLE_STEP_MS)
    for (const link of this.#links) link.close()
    this.#handOverHistory(nowNs())
    this.#finish(this.#report())
  }

  #report(): PublisherReport {
    const slips = this.#slips.brief()
    const { accepted, dropped, unknown, refusals, unaccepted } = this.#account
    return {
      ...this.#counts,
      ...{ accepted, dropped, unknown, refusals },
      unaccepted: {
        channels: Uint32Array.from(unaccepted, ({ channel }) => channel),
        sequences: Uint32Array.from(unaccepted, ({ sequence }) => sequence),
      },
      first: this.#first,
      last: this.#sequences.subarray(0, this.#plan.workload.channels),
      perSecond: this.#perSecond,
      slipMeanUs: this.#deliveries === 0 ? null : this.#slipNs / this.#deliveries / NS_PER_US,
      slipP99Us: slips.p99Us,
      slipMaxUs: slips.maxUs,
      ...this.#cost,
      loop: this.#loopReading ?? this.#loop.read(),
    }
  }
}

/** What the process took of the machine so far, and the longest time since the last call that it stood still. */
function costOf(watch: LoopWatch): Pick<PublisherReport, 'cpuUs' | 'waitedUs' | 'longestStallUs'> {
  const { user, system } = process.cpuUsage()
  const stalls = watch.takeStalls().map(({ lengthNs }) => lengthNs / NS_PER_US)
  return {
    cpuUs: user + system,
    waitedUs: watch.waitedNs / NS_PER_US,
    longestStallUs: Math.max(0, ...stalls),
  }
}
