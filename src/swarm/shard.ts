import { errorName } from '../measure/cause.ts'
import { NS_PER_MS, NS_PER_US, nowNs } from '../measure/clock.ts'
import { type Lateness, LoopWatch } from '../measure/lateness.ts'
import { type Random, seededRandom } from '../measure/random.ts'
import type { Open, Target, Waiter } from '../transports/transport.ts'
import { type ReceivedMark, UNREADABLE } from '../wire/mark.ts'
import { disguiseOf, MessageMarks } from '../wire/message-marks.ts'
import { SharedReader } from '../wire/socket.ts'
import { Agenda } from './agenda.ts'
import { ClientSession, type SessionOwner } from './client-session.ts'
import { Delivery, DeliveryAudit, SampleBuffer } from './deliveries.ts'
import type { Snapshot } from './heard.ts'
import {
  GRAVE_US,
  noAudit,
  noCounts,
  noLateness,
  noSettlement,
  type Settlement,
  type Span,
  type WorkerPlan,
} from './messages.ts'
import { CALM_MS, firstEventsNs, RampUp } from './pacing.ts'
import { channelOf, instanceOf } from './run-order.ts'
import { FastestDelivery } from './slip.ts'

const NO_WINDOW: Span = { startNs: Number.POSITIVE_INFINITY, endNs: Number.POSITIVE_INFINITY }

/**
 * Who asks later than this after a stall asks along with everybody else: what the answer then takes is
 * no word on the server either.
 */
const HERD_US = 5_000

/** Two questions further apart than this many slots have left one out: an answer was outstanding. */
const SLOTS_APART = 1.5

/** Messages without a mark that are looked at more closely: the first ones. */
const EXAMINED = 100

/** The owner of a shard, told when its buffers want emptying and when all its clients are subscribed. */
export interface ShardOwner {
  onSamplesFull(): void
  onRamped(): void
}

/** The part of the swarm that one worker holds: its clients, and the account of what they see. */
export class Shard implements SessionOwner {
  readonly plan: WorkerPlan
  readonly watch = new LoopWatch()
  readonly reader = new SharedReader(() => this.watch.enter())
  readonly agenda = new Agenda(nowNs, () => this.watch.enter())
  readonly random: Random
  readonly counts = noCounts()
  readonly audited = noAudit()
  readonly lateness = noLateness()
  window: Span = NO_WINDOW
  readonly #owner: ShardOwner
  readonly #sessions: readonly ClientSession[]
  readonly #audit: DeliveryAudit
  readonly #marks: MessageMarks
  readonly #disguises = new Map<string, number>()
  readonly #samples = new SampleBuffer(nowNs())
  /** By client that asks: when it did last, and how late. */
  readonly #askedAtNs: Float64Array
  readonly #askLateUs: Float32Array
  /** From when on the server's waits count: since the last question, and one before that left out a slot. */
  readonly #servableFromNs: Float64Array
  readonly #fastest = new FastestDelivery()
  readonly #errors = new Map<string, number>()
  readonly #rampUp: RampUp
  /** By instance, one for each of its ports: its clients share them. */
  readonly #targets: readonly (readonly Target[])[]
  #firstEventsNs: Float64Array | null = null
  #connectsUs: number[] = []
  #subscribed = 0
  #live = 0

  /** @param open makes the plan's kind of clients */
  constructor(plan: WorkerPlan, open: Open, owner: ShardOwner) {
    this.plan = plan
    this.#owner = owner
    // Stream 0 is the publisher's.
    this.random = seededRandom(plan.seed, plan.worker + 1)
    const clients = plan.end - plan.first
    this.#targets = plan.targets.map((target) =>
      [target.port, ...(target.morePorts ?? [])].map((port) => ({ ...target, port })),
    )
    this.#audit = new DeliveryAudit(clients)
    this.#askedAtNs = new Float64Array(plan.asks ? clients : 0)
    this.#askLateUs = new Float32Array(plan.asks ? clients : 0)
    this.#servableFromNs = new Float64Array(plan.asks ? clients : 0)
    this.#marks = new MessageMarks(plan.payloadBytes)
    this.#sessions = Array.from({ length: clients }, (_, index) => {
      const session = new ClientSession(this, plan.first + index)
      session.client = open(session.target, session)
      return session
    })
    this.#rampUp = new RampUp(plan, this.agenda, (index) => {
      const session = this.#sessions[index] as ClientSession
      session.startedAtNs = nowNs()
      session.ramping = true
      session.client?.start()
    })
  }

  start(): void {
    this.watch.start()
    this.#rampUp.begin()
  }

  stop(): void {
    this.watch.stop()
    this.agenda.stop()
    for (const session of this.#sessions) session.client?.stop()
  }

  /** When events come as in the window: known together with the window, and before by the pace of the ramp-up. */
  get eventsFromNs(): number {
    const { startNs } = this.window
    return startNs === Number.POSITIVE_INFINITY
      ? this.#rampUp.endNs + (CALM_MS + this.plan.loadAfterMs) * NS_PER_MS
      : startNs - this.plan.loadBeforeMs * NS_PER_MS
  }

  /** From then to the first event of each channel; null where chance decides, or none comes. */
  get firstEventsNs(): Float64Array | null {
    const { arrivals, pace, workload, seed } = this.plan
    if (arrivals === 'poisson' || pace.rate === 0) return null
    this.#firstEventsNs ??= firstEventsNs(pace.rate, workload.channels, seed)
    return this.#firstEventsNs
  }

  /** Where a client of the swarm connects to. */
  targetOf(client: number): Target {
    const { workload } = this.plan
    const ports = this.#targets[instanceOf(workload, client)] as readonly Target[]
    return ports[Math.floor(client / workload.instances) % ports.length] as Target
  }

  onSubscribed(session: ClientSession): void {
    if (session.live) return
    session.live = true
    this.#live++
    if (session.everSubscribed) return
    session.everSubscribed = true
    session.counted = nowNs() < this.window.startNs
    this.#subscribed++
    this.#connectsUs.push(Math.round((nowNs() - session.startedAtNs) / NS_PER_US))
    this.#releaseRampUp(session)
    if (this.#subscribed === this.#sessions.length) this.#owner.onRamped()
  }

  onCut(session: ClientSession, cause: string): void {
    this.counts.cuts++
    const name = errorName(cause)
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1)
    if (session.live) {
      session.live = false
      this.#live--
    }
    this.#releaseRampUp(session)
  }

  /** It wants to go on since its answer could have been read. */
  onWaiting(waiter: Waiter): void {
    const now = nowNs()
    this.agenda.afterReads(now - sum(this.watch.at(now)), waiter)
  }

  onRequested({ number }: ClientSession): void {
    this.counts.requests++
    if (!this.plan.asks) return
    const now = nowNs()
    const { dueNs } = this.agenda
    const index = number - this.plan.first
    const { slotMs } = this.plan
    const before = this.#askedAtNs[index] as number
    const isLeftOut = slotMs !== null && now - before > SLOTS_APART * slotMs * NS_PER_MS
    this.#askedAtNs[index] = now
    this.#servableFromNs[index] = isLeftOut ? before : now
    // Whoever asks in a read asks as late as that was.
    this.#askLateUs[index] = (dueNs === null ? sum(this.watch.at(now)) : now - dueNs) / NS_PER_US
  }

  onReceived(
    session: ClientSession,
    bytes: Buffer,
    start: number,
    end: number,
    acceptedAtNs: number,
    isList: boolean,
  ): number {
    const marks = this.#marks
    marks.begin(start, end, acceptedAtNs, isList)
    let found = 0
    while (marks.next(bytes)) {
      found++
      this.onMark(session, marks.mark)
    }
    return found
  }

  get lastMark(): ReceivedMark {
    return this.#marks.mark
  }

  onUnmarked(bytes: Buffer, start: number, end: number): void {
    if (++this.audited.unmarked > EXAMINED) return
    const disguise = disguiseOf(bytes, start, end)
    if (disguise === null) return
    this.#disguises.set(disguise, (this.#disguises.get(disguise) ?? 0) + 1)
  }

  onMark(session: ClientSession, mark: ReceivedMark): void {
    const { audited, plan } = this
    const { workload } = plan
    if (mark.run !== workload.run) {
      if (mark.run === UNREADABLE) audited.damaged++
      else audited.foreign++
      return
    }
    if (mark.damaged) {
      audited.damaged++
      return
    }
    if (mark.channel !== channelOf(workload, session.number)) {
      audited.misrouted++
      return
    }
    const receivedAtNs = nowNs()
    this.counts.deliveries++
    const delivery = this.#audit.observe(session.number - plan.first, mark.sequence)
    if (delivery === Delivery.forged) {
      audited.forged++
      return
    }
    const { intendedAtNs } = mark
    if (intendedAtNs < this.window.startNs || intendedAtNs >= this.window.endNs) return
    if (!session.counted) return
    if (delivery === Delivery.duplicate) {
      audited.duplicates++
      return
    }
    if (delivery === Delivery.outOfOrder) audited.outOfOrder++
    audited.delivered++
    const latencyNs = receivedAtNs - intendedAtNs
    if (latencyNs < 0) {
      audited.negative++
      return
    }
    this.#samples.add(
      latencyNs / NS_PER_US,
      this.#latenessUs(session, mark, receivedAtNs, latencyNs / NS_PER_US),
      Math.min(latencyNs, receivedAtNs - this.#servableFrom(session)) / NS_PER_US,
      receivedAtNs,
      (receivedAtNs - mark.acceptedAtNs) / NS_PER_US,
    )
    if (this.#samples.full) this.#owner.onSamplesFull()
  }

  /** Long ago for a client that need not ask. */
  #servableFrom({ number }: ClientSession): number {
    return this.plan.asks ? (this.#servableFromNs[number - this.plan.first] as number) : 0
  }

  /** By how much of a delivery's latency the instrument may have been late, at most. */
  #latenessUs(
    session: ClientSession,
    mark: ReceivedMark,
    receivedAtNs: number,
    latencyUs: number,
  ): number {
    const { lateness } = this
    const { busyNs, waitNs, stallNs } = this.watch.at(receivedAtNs)
    const ownedUs = (mark.handedOverAtNs - mark.intendedAtNs) / NS_PER_US
    const index = session.number - this.plan.first
    let askUs = 0
    if (this.plan.asks && mark.handedOverAtNs < (this.#askedAtNs[index] as number)) {
      askUs = this.#askLateUs[index] as number
      if (askUs > HERD_US) askUs += (receivedAtNs - (this.#askedAtNs[index] as number)) / NS_PER_US
    }
    const otherUs = askUs + (busyNs + waitNs + stallNs) / NS_PER_US
    const slipUs = this.#fastest.slipOf(ownedUs, latencyUs, otherUs)
    lateness.slipUs += slipUs
    lateness.askUs += askUs
    lateness.busyUs += busyNs / NS_PER_US
    lateness.waitUs += waitNs / NS_PER_US
    lateness.stallUs += stallNs / NS_PER_US
    const lateUs = slipUs + otherUs
    if (lateUs >= GRAVE_US) lateness.grave++
    this.#fastest.take(latencyUs, lateUs)
    return lateUs
  }

  /**
   * The state now, samples since the last one included.
   *
   * @param second of the window, in which all since the last one happened
   */
  snapshot(second: number | null): Snapshot {
    const cpu = process.cpuUsage()
    this.counts.cpuUs = cpu.user + cpu.system
    this.counts.waitedUs = this.watch.waitedNs / NS_PER_US
    this.counts.bytesReceived = this.reader.bytesReceived
    this.counts.bytesSent = this.reader.bytesSent
    const connectsUs = Uint32Array.from(this.#connectsUs)
    this.#connectsUs = []
    const atNs = nowNs()
    return {
      atNs,
      second,
      counts: { ...this.counts },
      live: this.#live,
      openSockets: this.reader.openSockets,
      rssBytes: process.memoryUsage.rss(),
      audit: {
        ...this.audited,
        negativeServices: this.#samples.negativeServices,
        premature: this.#samples.premature,
      },
      errors: Object.fromEntries(this.#errors),
      disguises: Object.fromEntries(this.#disguises),
      ...this.#samples.take(atNs),
      lateness: { ...this.lateness },
      stalls: this.watch.takeStalls(),
      connectsUs,
    }
  }

  /** Holds what came against what was published in the window, by channel. */
  settle(first: Uint32Array, last: Uint32Array): Settlement {
    const settlement = noSettlement()
    for (const [index, session] of this.#sessions.entries()) {
      const channel = channelOf(this.plan.workload, session.number)
      const from = first[channel] as number
      const to = last[channel] as number
      settlement.forged += this.#audit.beyond(index, to)
      if (session.counted && to > 0) {
        settlement.provable++
        if (this.#audit.isUnheard(index)) settlement.unproven++
      }
      if (!session.counted || from === 0) continue
      settlement.expected += to - from + 1
      settlement.lost += this.#audit.missing(index, from, to)
    }
    return settlement
  }

  #releaseRampUp(session: ClientSession): void {
    // Once per client: its later attempts are its own.
    if (!session.ramping) return
    session.ramping = false
    this.#rampUp.release()
  }
}

function sum({ busyNs, waitNs, stallNs }: Lateness): number {
  return busyNs + waitNs + stallNs
}
