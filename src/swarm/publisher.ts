import { NS_PER_MS, NS_PER_SECOND, NS_PER_US, nowNs } from '../measure/clock.ts'
import { LatencyHistogram } from '../measure/histogram.ts'
import { LoopMeter, type LoopReading } from '../measure/loop.ts'
import { seededRandom } from '../measure/random.ts'
import { formatMark } from '../wire/mark.ts'
import type { PublisherPlan, PublisherReport, Span } from './messages.ts'
import { createPacer, type Pacer, SCHEDULE_STREAM } from './pacing.ts'
import { BatchLink, type PublishLink } from './publish-link.ts'
import { PunctualTimer } from './punctual-timer.ts'
import { RequestLink } from './request-link.ts'
import { audience, instancesOf } from './workload.ts'

/** How long to wait at the end for the answers that are still outstanding. */
const SETTLE_MS = 10_000
/** The same, after an interruption. */
const SHORT_SETTLE_MS = 1_000
const SETTLE_STEP_MS = 20

/**
 * Publishes by a schedule that nothing can hold up (open model): each wake-up sends all that is
 * due, and what is late is sent late and said to be.
 */
export class Publisher {
  readonly #plan: PublisherPlan
  readonly #links: readonly PublishLink[]
  readonly #pacer: Pacer
  readonly #timer = new PunctualTimer(() => this.#wake())
  readonly #loop = new LoopMeter()
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
  readonly #instances: (readonly number[] | undefined)[]
  #perSecond = new Uint32Array(0)
  #startNs = 0
  #window: Span = { startNs: 0, endNs: 0 }
  #due = 0
  #published = 0
  #sentInTime = 0
  #settleMs = SETTLE_MS
  #publishing = false
  #inWindow = false
  #finish: (report: PublisherReport) => void = () => {}

  constructor(plan: PublisherPlan) {
    this.#plan = plan
    const { workload, targets } = plan
    const { channels } = workload
    this.#links = targets.map((target) =>
      target.publish === undefined
        ? new BatchLink(target, workload)
        : new RequestLink(target, target.publish, workload),
    )
    const random = seededRandom(plan.seed, SCHEDULE_STREAM)
    this.#pacer = createPacer(plan.arrivals, plan.rate, channels, random)
    this.#sequences = new Uint32Array(channels)
    this.#first = new Uint32Array(channels)
    this.#instances = new Array<readonly number[] | undefined>(channels)
  }

  /** Publishes from a moment to the window's end; resolves when the answers are in. */
  publish(startNs: number, window: Span): Promise<PublisherReport> {
    this.#startNs = startNs
    this.#window = window
    this.#perSecond = new Uint32Array(Math.ceil((window.endNs - window.startNs) / NS_PER_SECOND))
    return new Promise((resolve) => {
      this.#finish = resolve
      this.#publishing = true
      this.#wake()
    })
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
    const { startNs, endNs } = this.#window
    const now = nowNs()
    if (!this.#inWindow && now >= startNs) {
      this.#inWindow = true
      this.#loop.reset()
    }
    this.#sendDue(Math.min(now, endNs))
    if (now < endNs) this.#timer.set(Math.min(this.#startNs + this.#pacer.nextNs, endNs))
    else {
      this.#publishing = false
      this.#loopReading = this.#loop.read()
      for (const link of this.#links) link.finish()
      this.#settle(now)
    }
  }

  #sendDue(untilNs: number): void {
    for (;;) {
      const intendedAtNs = Math.floor(this.#startNs + this.#pacer.nextNs)
      if (intendedAtNs >= untilNs) break
      this.#send(this.#pacer.channel, intendedAtNs)
      this.#pacer.advance()
    }
    for (const link of this.#links) link.flush()
  }

  #send(channel: number, intendedAtNs: number): void {
    const { workload, payloadBytes } = this.#plan
    const sequence = (this.#sequences[channel] as number) + 1
    this.#sequences[channel] = sequence
    const instances = this.#instancesOf(channel)
    const counted = intendedAtNs >= this.#window.startNs
    if (counted) {
      if (this.#first[channel] === 0) this.#first[channel] = sequence
      this.#due += instances.length
      this.#book(channel, intendedAtNs)
    }
    const mark = formatMark({ run: workload.run, channel, sequence, intendedAtNs })
    const data = mark.padEnd(payloadBytes, 'x')
    for (const instance of instances) this.#links[instance]?.add(channel, data, counted)
  }

  #book(channel: number, intendedAtNs: number): void {
    const { startNs, endNs } = this.#window
    const now = nowNs()
    const receivers = audience(this.#plan.workload, channel)
    this.#deliveries += receivers
    this.#slipNs += receivers * (now - intendedAtNs)
    this.#published++
    // A timer has a resolution of a millisecond: the last event may be that late and be on time.
    if (now < endNs + NS_PER_MS) this.#sentInTime++
    this.#slips.record(Math.max(0, Math.round((now - intendedAtNs) / NS_PER_US)))
    const second = Math.floor((intendedAtNs - startNs) / NS_PER_SECOND)
    this.#perSecond[second] = (this.#perSecond[second] ?? 0) + 1
  }

  #instancesOf(channel: number): readonly number[] {
    const known = this.#instances[channel]
    if (known !== undefined) return known
    const found = instancesOf(this.#plan.workload, channel)
    this.#instances[channel] = found
    return found
  }

  #settle(sinceNs: number): void {
    const outstanding = this.#links.some(({ account }) => account.outstanding > 0)
    if (outstanding && nowNs() < sinceNs + this.#settleMs * NS_PER_MS) {
      setTimeout(() => this.#settle(sinceNs), SETTLE_STEP_MS)
      return
    }
    this.#finish(this.#report())
    for (const link of this.#links) void link.close()
  }

  #report(): PublisherReport {
    let accepted = 0
    let dropped = 0
    const refusals: Record<string, number> = {}
    for (const { account } of this.#links) {
      accepted += account.accepted
      // What was never answered did not arrive, as far as anybody knows.
      dropped += account.dropped + account.unanswered
      for (const [cause, count] of [
        ...account.refusals,
        ['unanswered', account.unanswered] as const,
      ]) {
        if (count > 0) refusals[cause] = (refusals[cause] ?? 0) + count
      }
    }
    const slips = this.#slips.brief()
    return {
      due: this.#due,
      accepted,
      dropped,
      refusals,
      published: this.#published,
      sentInTime: this.#sentInTime,
      first: this.#first,
      last: this.#sequences,
      perSecond: this.#perSecond,
      slipMeanUs: this.#deliveries === 0 ? null : this.#slipNs / this.#deliveries / NS_PER_US,
      slipP99Us: slips.p99Us,
      slipMaxUs: slips.maxUs,
      loop: this.#loopReading ?? this.#loop.read(),
    }
  }
}
