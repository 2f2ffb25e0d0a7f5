import { Delivery, DeliveryAudit } from '../measure/audit.ts'
import { NS_PER_US, nowNs } from '../measure/clock.ts'
import { type Random, seededRandom } from '../measure/random.ts'
import type { Open, Target } from '../transports/transport.ts'
import { MarkScanner, type ReceivedMark } from '../wire/mark.ts'
import { SharedReader } from '../wire/socket.ts'
import { Agenda } from './agenda.ts'
import { ClientSession } from './client-session.ts'
import { causeOf } from './error-cause.ts'
import {
  noAudit,
  noCounts,
  type Settlement,
  type Snapshot,
  type Span,
  type WorkerPlan,
} from './messages.ts'
import { RampUp } from './ramp-up.ts'
import { SampleBuffer } from './samples.ts'
import { channelOf, instanceOf } from './workload.ts'

const NO_WINDOW: Span = { startNs: Number.POSITIVE_INFINITY, endNs: Number.POSITIVE_INFINITY }

/** Whom a shard tells that its buffers want emptying, or that all its clients are subscribed. */
export interface ShardOwner {
  onSamplesFull(): void
  onRamped(): void
}

/** The part of the swarm that one worker holds: its clients, and the account of what they see. */
export class Shard {
  readonly plan: WorkerPlan
  readonly reader = new SharedReader()
  readonly agenda = new Agenda(nowNs)
  readonly random: Random
  readonly counts = noCounts()
  readonly audited = noAudit()
  window: Span = NO_WINDOW
  readonly #owner: ShardOwner
  readonly #sessions: readonly ClientSession[]
  readonly #audit: DeliveryAudit
  readonly #scanner = new MarkScanner()
  readonly #samples = new SampleBuffer()
  readonly #errors = new Map<string, number>()
  readonly #rampUp: RampUp
  /** By instance, one for each of its ports: its clients share them. */
  readonly #targets: readonly (readonly Target[])[]
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
    this.#sessions = Array.from({ length: clients }, (_, index) => {
      const session = new ClientSession(this, plan.first + index)
      session.client = open(session.target, session)
      return session
    })
    this.#rampUp = new RampUp({ ...plan, clients }, this.agenda, (index) => {
      const session = this.#sessions[index] as ClientSession
      session.startedAtNs = nowNs()
      session.ramping = true
      session.client?.start()
    })
  }

  start(): void {
    this.#rampUp.begin()
  }

  stop(): void {
    this.agenda.stop()
    for (const session of this.#sessions) session.client?.stop()
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
    const name = causeOf(cause)
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1)
    if (session.live) {
      session.live = false
      this.#live--
    }
    this.#releaseRampUp(session)
  }

  onReceived(
    session: ClientSession,
    bytes: Buffer,
    start: number,
    end: number,
    acceptedAtNs: number,
  ): number {
    const scanner = this.#scanner
    scanner.acceptedAtNs = acceptedAtNs
    let found = 0
    let at = start
    while (scanner.next(bytes, at, end)) {
      found++
      at = scanner.end
      this.onMark(session, scanner)
    }
    return found
  }

  onMark(session: ClientSession, mark: ReceivedMark): void {
    const { audited, plan } = this
    const { workload } = plan
    if (mark.run !== workload.run) {
      audited.foreign++
      return
    }
    if (mark.channel !== channelOf(workload, session.number)) {
      audited.misrouted++
      return
    }
    const receivedAtNs = nowNs()
    this.counts.deliveries++
    const delivery = this.#audit.observe(session.number - plan.first, mark.sequence)
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
    this.#samples.add(latencyNs / NS_PER_US, (receivedAtNs - mark.acceptedAtNs) / NS_PER_US)
    if (this.#samples.full) this.#owner.onSamplesFull()
  }

  /**
   * The state now, samples since the last one included.
   *
   * @param second of the window, in which all since the last one happened
   */
  snapshot(second: number | null): Snapshot {
    const cpu = process.cpuUsage()
    this.counts.cpuUs = cpu.user + cpu.system
    this.counts.bytesReceived = this.reader.bytesReceived
    this.counts.bytesSent = this.reader.bytesSent
    const connectsUs = Uint32Array.from(this.#connectsUs)
    this.#connectsUs = []
    return {
      atNs: nowNs(),
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
      ...this.#samples.take(),
      connectsUs,
    }
  }

  /** Holds what came against what was published in the window, by channel. */
  settle(first: Uint32Array, last: Uint32Array): Settlement {
    let expected = 0
    let lost = 0
    for (const [index, session] of this.#sessions.entries()) {
      if (!session.counted) continue
      const channel = channelOf(this.plan.workload, session.number)
      const from = first[channel] as number
      if (from === 0) continue
      const to = last[channel] as number
      expected += to - from + 1
      lost += this.#audit.missing(index, from, to)
    }
    return { expected, lost }
  }

  #releaseRampUp(session: ClientSession): void {
    // Once per client: its later attempts are its own.
    if (!session.ramping) return
    session.ramping = false
    this.#rampUp.release()
  }
}
