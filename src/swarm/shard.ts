import { ClientRecorder, Happening, PublishRecorder } from '../history/recorder.ts'
import { errorName } from '../measure/cause.ts'
import { NS_PER_MS, NS_PER_US, nowNs } from '../measure/clock.ts'
import { LoopWatch } from '../measure/lateness.ts'
import { type Random, seededRandom } from '../measure/random.ts'
import type {
  Alarms,
  Open,
  Pace,
  Session,
  Target,
  VirtualClient,
  Waiter,
} from '../transports/transport.ts'
import { CookieJar } from '../wire/cookie-jar.ts'
import { type ReceivedMark, UNREADABLE } from '../wire/mark.ts'
import { disguiseOf, MessageMarks } from '../wire/message-marks.ts'
import { SharedReader } from '../wire/socket.ts'
import { Agenda } from './agenda.ts'
import { Delivery, DeliveryAudit, SampleBuffer } from './deliveries.ts'
import type { Snapshot, SpeechReport } from './heard.ts'
import { Instrument } from './instrument.ts'
import { Liveness } from './liveness.ts'
import {
  addTo,
  type DisruptOrder,
  noAudit,
  noCounts,
  noSettlement,
  type Outage,
  type Settlement,
  type Span,
  type WorkerPlan,
} from './messages.ts'
import { CALM_MS, firstEventsNs, RampUp } from './pacing.ts'
import {
  channelName,
  channelOf,
  instanceOf,
  placeOf,
  roomOf,
  type Sent,
  senderOf,
  streamOf,
  streamsHeard,
  streamsOf,
} from './run-order.ts'
import { type Speaker, Speech } from './speech.ts'

const NO_WINDOW: Span = { startNs: Number.POSITIVE_INFINITY, endNs: Number.POSITIVE_INFINITY }

/** The first stream of random numbers that is none of a worker's, nor the publisher's. */
const DISRUPTION_STREAM = 1_000_000

/** Messages without a mark that are looked at more closely: the first ones. */
const EXAMINED = 100

/** Clients for each millisecond from the first event to the window that may ask once more in it: few for a server. */
const MOST_SETTLING = 2
/** Of that time: what is late by the rest of it is no part of the window. */
const SETTLING_SHARE = 0.6

/** The owner of a shard, told when its buffers want emptying and when all its clients are subscribed. */
export interface ShardOwner {
  onSamplesFull(): void
  onRamped(): void
  /** Its clients' messages of the window are sent, and what became of them is known. */
  onSpoken(report: SpeechReport): void
}

/** The part of the swarm that one worker holds: its clients, and the account of what they see. */
export class Shard implements Speaker {
  readonly plan: WorkerPlan
  readonly owner: ShardOwner
  readonly watch = new LoopWatch()
  readonly reader = new SharedReader(() => this.watch.enter())
  readonly agenda = new Agenda(nowNs, () => this.watch.enter())
  readonly instrument: Instrument
  readonly random: Random
  readonly counts = noCounts()
  readonly audited = noAudit()
  readonly audit: DeliveryAudit
  readonly marks: MessageMarks
  readonly samples = new SampleBuffer(nowNs(), this.audited)
  readonly errors: Record<string, number> = {}
  readonly disguises: Record<string, number> = {}
  readonly rampUp: RampUp
  /** For a history: of its clients, and of what they send; null where none is wanted. */
  readonly recorder: ClientRecorder | null
  readonly published: PublishRecorder | null
  /** Null where its clients do not send. */
  readonly speech: Speech | null
  readonly speaks: boolean
  /** Streams that each client hears. */
  readonly #streams: number
  window: Span = NO_WINDOW
  connectsUs: number[] = []
  outages: Outage[] = []
  /** When clients connected anew: to a server that was there, and in vain. */
  reachedNs: number[] = []
  missedNs: number[] = []
  /** Clients subscribed now, and once at least. */
  live = 0
  subscribed = 0
  readonly #sessions: readonly ClientSession[]
  /** By instance, one for each of its ports: its clients share them. */
  readonly #targets: readonly (readonly Target[])[]
  #firstEventsNs: Float64Array | null = null
  /** Null where clients do not watch for silence. */
  readonly liveness: Liveness | null

  /** @param open makes the plan's kind of clients */
  constructor(plan: WorkerPlan, open: Open, owner: ShardOwner) {
    this.plan = plan
    this.owner = owner
    // Stream 0 is the publisher's.
    this.random = seededRandom(plan.seed, plan.worker + 1)
    const clients = plan.end - plan.first
    this.#targets = plan.targets.map((target) =>
      [target.port, ...(target.morePorts ?? [])].map((port) => ({ ...target, port })),
    )
    this.recorder = plan.records === true ? new ClientRecorder(plan.first, clients) : null
    this.published = plan.records === true && plan.sendRate > 0 ? new PublishRecorder() : null
    this.speaks = plan.workload.speaks === true
    this.#streams = streamsHeard(plan.workload)
    this.audit = new DeliveryAudit(clients * this.#streams)
    this.instrument = new Instrument(plan, this.watch)
    this.marks = new MessageMarks(plan.payloadBytes)
    this.#sessions = Array.from({ length: clients }, (_, index) => {
      const session = new ClientSession(this, plan.first + index)
      session.client = open(session.target, session)
      return session
    })
    const clientsOf = this.#sessions.map(({ client }) => client)
    const silenceMs = plan.pace.silenceMs ?? null
    const watches = silenceMs !== null && clientsOf.some((client) => client?.giveUp !== undefined)
    this.liveness = watches
      ? new Liveness(clientsOf, silenceMs, nowNs, () => this.watch.enter())
      : null
    const says = this.#sessions[0]?.client?.say !== undefined
    this.speech = plan.sendRate > 0 ? new Speech(this, says) : null
    this.rampUp = new RampUp(plan, this.agenda, (index) => this.#sessions[index]?.start())
  }

  get isRamped(): boolean {
    return this.subscribed === this.#sessions.length
  }

  start(): void {
    this.watch.start()
    this.rampUp.begin()
    this.liveness?.start()
  }

  stop(): void {
    this.watch.stop()
    this.liveness?.stop()
    this.agenda.stop()
    this.speech?.stop()
    for (const session of this.#sessions) session.client?.stop()
  }

  /**
   * Breaks the connections of some clients, or only tells them. They are the same ones by the seed, however
   * many workers there are.
   */
  disrupt({ index, share, way }: DisruptOrder) {
    const { seed, workload, first, end } = this.plan
    const clients: number[] = []
    const ports: number[] = []
    for (const number of chosen(workload.clients, share, seed, index)) {
      const client = number >= first && number < end ? this.clientAt(number - first) : null
      const port = client?.localPort ?? 0
      if (client === null || port === 0) continue
      clients.push(number)
      ports.push(port)
      if (way !== null) client.break?.(way)
    }
    return { index, clients: Uint32Array.from(clients), ports: Uint32Array.from(ports) }
  }

  /** Connections that were lost and are not back. */
  get openOutages(): readonly Outage[] {
    return this.#sessions.flatMap(({ outage }) => outage ?? [])
  }

  /** When events come as in the window: known together with the window, and before by the pace of the ramp-up. */
  get eventsFromNs(): number {
    const { startNs } = this.window
    return startNs === Number.POSITIVE_INFINITY
      ? this.rampUp.endNs + (CALM_MS + this.plan.loadAfterMs) * NS_PER_MS
      : startNs - this.plan.loadBeforeMs * NS_PER_MS
  }

  /** From then to the first event of each channel; null where chance decides, or none comes. */
  get firstEventsNs(): Float64Array | null {
    const { arrivals, pace, workload, seed } = this.plan
    if (arrivals === 'poisson' || pace.rate === 0 || workload.speaks === true) return null
    this.#firstEventsNs ??= firstEventsNs(pace.rate, workload.channels, seed)
    return this.#firstEventsNs
  }

  targetOf(client: number): Target {
    const { workload } = this.plan
    const ports = this.#targets[instanceOf(workload, client)] as readonly Target[]
    return ports[Math.floor(client / workload.instances) % ports.length] as Target
  }

  /** Notes that its clients end now. */
  noteEnd(): void {
    for (const session of this.#sessions) session.noteEnd()
  }

  clientAt(index: number): VirtualClient | null {
    return this.#sessions[index]?.client ?? null
  }

  onRead(): void {
    this.watch.enter()
  }

  onSpoken(report: SpeechReport): void {
    this.owner.onSpoken(report)
  }

  /** A client's place in the audit for one of the streams that it hears. */
  listener(index: number, stream: number): number {
    return this.#streams === 1 ? index : index * this.#streams + placeOf(this.plan.workload, stream)
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
    const speech = this.speech?.take() ?? null
    const { sent = 0, received = 0 } = this.speech?.bytesInBand ?? {}
    this.counts.bytesReceived = this.reader.bytesReceived - received
    this.counts.bytesSent = this.reader.bytesSent - sent
    this.counts.fullHandshakes = this.reader.handshakes.full
    this.counts.resumedHandshakes = this.reader.handshakes.resumed
    const connectsUs = Uint32Array.from(this.connectsUs)
    this.connectsUs = []
    const { outages } = this
    this.outages = []
    const reachedNs = Float64Array.from(this.reachedNs)
    const missedNs = Float64Array.from(this.missedNs)
    this.reachedNs = []
    this.missedNs = []
    const atNs = nowNs()
    return {
      atNs,
      second,
      counts: { ...this.counts },
      live: this.live,
      openSockets: this.reader.openSockets + (this.speech?.openSockets ?? 0),
      rssBytes: process.memoryUsage.rss(),
      audit: { ...this.audited },
      errors: { ...this.errors },
      disguises: { ...this.disguises },
      ...this.samples.take(atNs),
      lateness: { ...this.instrument.lateness },
      stalls: this.watch.takeStalls(),
      connectsUs,
      outages,
      reachedNs,
      missedNs,
      speech,
    }
  }

  /** Holds what came against what was sent in the window. */
  settle(sent: Sent): Settlement {
    const settlement = noSettlement()
    const { workload } = this.plan
    for (const session of this.#sessions) session.settle()
    const excused = this.#excusedOf(sent)
    for (const [index, { number, counted }] of this.#sessions.entries()) {
      let isOwed = false
      let isUnheard = true
      for (const stream of streamsOf(workload, number)) {
        const from = sent.first[stream] ?? 0
        const to = sent.last[stream] ?? 0
        const listener = this.listener(index, stream)
        settlement.forged += this.audit.beyond(listener, to)
        isOwed ||= to > 0
        isUnheard &&= this.audit.isUnheard(listener)
        if (!counted || from === 0) continue
        let missing = this.audit.missing(listener, from, to)
        let gapped = missing === 0 ? 0 : this.audit.missing(listener, from, to, true)
        let expected = to - from + 1
        // What came for all that is a delivery.
        for (const sequence of excused.get(stream) ?? []) {
          const excess = this.audit.missing(listener, sequence, sequence)
          missing -= excess
          expected -= excess
          gapped -= this.audit.missing(listener, sequence, sequence, true)
        }
        settlement.expected += expected
        settlement.lost += missing - gapped
        settlement.gapped += gapped
      }
      if (!counted || !isOwed) continue
      settlement.provable++
      if (isUnheard) settlement.unproven++
    }
    return settlement
  }

  /** By stream, the sequences that nobody need receive. */
  #excusedOf({ unacknowledged, unaccepted }: Sent): ReadonlyMap<number, readonly number[]> {
    const excused = new Map<number, number[]>()
    const excuse = (stream: number, sequence: number): void => {
      const sequences = excused.get(stream) ?? []
      sequences.push(sequence)
      excused.set(stream, sequences)
    }
    for (const [at, sender] of unacknowledged?.senders.entries() ?? []) {
      excuse(streamOf(this.plan.workload, sender), unacknowledged?.sequences[at] as number)
    }
    for (const [at, channel] of unaccepted?.channels.entries() ?? []) {
      excuse(channel, unaccepted?.sequences[at] as number)
    }
    return excused
  }
}

/** Clients that a disruption meets: a share of all, each other ones by the seed. */
export function chosen(
  clients: number,
  share: number,
  seed: number,
  index: number,
): readonly number[] {
  const random = seededRandom(seed, DISRUPTION_STREAM + index)
  const all = Uint32Array.from({ length: clients }, (_, number) => number)
  const count = Math.max(1, Math.round(share * clients))
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (clients - at))
    const number = all[other] as number
    all[other] = all[at] as number
    all[at] = number
  }
  return [...all.subarray(0, count)].sort((one, another) => one - another)
}

/** One client's tie to its shard. There is one per client, so it holds as little as can be. */
class ClientSession implements Session {
  readonly #shard: Shard
  /** In the whole swarm. */
  readonly number: number
  client: VirtualClient | null = null
  #everSubscribed = false
  #live = false
  /** Null before the shard has settled. */
  #liveWhenSettled: boolean | null = null
  /** Subscribed before the window began: owed every event of it. */
  counted = false
  /** On its first attempt. */
  #ramping = false
  #startedAtNs = 0
  /** Its connection is lost; null while it is not. */
  outage: Outage | null = null
  /** When it last began to connect anew, and that came to nothing yet; 0 while it does not. */
  #dialledAtNs = 0
  /** When it was back last; 0 where it was never lost. */
  #backAtNs = 0
  /** Null until a cookie is set. */
  #jar: CookieJar | null = null

  constructor(shard: Shard, number: number) {
    this.#shard = shard
    this.number = number
  }

  get target(): Target {
    return this.#shard.targetOf(this.number)
  }

  get channel(): string {
    const { workload } = this.#shard.plan
    return channelName(workload, channelOf(workload, this.number))
  }

  get pace(): Pace {
    return this.#shard.plan.pace
  }

  get reader(): SharedReader {
    return this.#shard.reader
  }

  get alarms(): Alarms {
    return this.#shard.agenda
  }

  get eventsFromNs(): number {
    return this.#shard.eventsFromNs
  }

  get settlingMs(): number {
    const { loadBeforeMs, workload } = this.#shard.plan
    return workload.clients > MOST_SETTLING * loadBeforeMs ? 0 : SETTLING_SHARE * loadBeforeMs
  }

  get firstEventMs(): number | null {
    const { workload } = this.#shard.plan
    const firstNs = this.#shard.firstEventsNs?.[channelOf(workload, this.number)]
    return firstNs === undefined ? null : firstNs / NS_PER_MS
  }

  get key(): string {
    return String(this.number)
  }

  get cookies(): string {
    return this.#jar === null ? '' : this.#jar.text
  }

  setCookie(field: string): void {
    this.#jar ??= new CookieJar()
    this.#jar.take(field)
  }

  random(): number {
    return this.#shard.random()
  }

  start(): void {
    this.#startedAtNs = nowNs()
    this.#ramping = true
    this.client?.start()
  }

  dialled(): void {
    if (this.outage !== null) this.#dialledAtNs = nowNs()
  }

  reached(): void {
    if (this.#dialledAtNs === 0) return
    this.#shard.reachedNs.push(this.#dialledAtNs)
    this.#dialledAtNs = 0
  }

  opened(cursor: string): void {
    this.#shard.recorder?.opened(this.number, cursor)
  }

  /** What becomes of it from now on is no part of the run, unless it settles again. */
  settle(): void {
    this.#liveWhenSettled = this.#live
  }

  noteEnd(): void {
    const kind = (this.#liveWhenSettled ?? this.#live) ? Happening.left : Happening.gone
    this.#shard.recorder?.note(kind, this.number)
  }

  subscribed(): void {
    if (this.#live) return
    const shard = this.#shard
    shard.recorder?.subscribed(this.number)
    this.#live = true
    shard.live++
    shard.speech?.subscribed(this.number - shard.plan.first)
    if (this.#everSubscribed) {
      if (this.outage !== null) {
        const { attempts } = this.outage
        this.#backAtNs = nowNs()
        shard.outages.push({
          ...this.outage,
          backAtNs: this.#backAtNs,
          attempts: attempts + 1,
          bytes: this.client?.carriedBytes ?? null,
        })
        this.outage = null
      }
      return
    }
    this.#everSubscribed = true
    this.counted = nowNs() < shard.window.startNs
    shard.subscribed++
    shard.connectsUs.push(Math.round((nowNs() - this.#startedAtNs) / NS_PER_US))
    this.#releaseRampUp()
    if (shard.isRamped) shard.owner.onRamped()
  }

  cut(cause: string): void {
    const shard = this.#shard
    shard.counts.cuts++
    if (this.#dialledAtNs !== 0) {
      shard.missedNs.push(this.#dialledAtNs)
      this.#dialledAtNs = 0
    }
    shard.recorder?.lost(this.number, errorName(cause))
    addTo(shard.errors, { [errorName(cause)]: 1 })
    shard.speech?.cut(this.number - shard.plan.first, errorName(cause))
    if (this.#live) {
      this.#live = false
      shard.live--
    }
    if (this.outage !== null) this.outage = { ...this.outage, attempts: this.outage.attempts + 1 }
    else if (this.#everSubscribed) {
      const client = this.number
      this.outage = {
        client,
        cause: errorName(cause),
        noticedAtNs: nowNs(),
        backAtNs: null,
        attempts: 0,
        bytes: null,
      }
    }
    this.#releaseRampUp()
  }

  /** Once: later attempts are the client's own. */
  #releaseRampUp(): void {
    if (!this.#ramping) return
    this.#ramping = false
    this.#shard.rampUp.release()
  }

  /** It wants to go on since its answer could have been read. */
  afterReads(waiter: Waiter): void {
    const { agenda, instrument } = this.#shard
    const now = nowNs()
    agenda.afterReads(now - instrument.readLateNs(now), waiter)
  }

  requested(): void {
    const { counts, instrument, agenda, plan } = this.#shard
    counts.requests++
    instrument.asked(this.number - plan.first, agenda.dueNs)
  }

  answered(events: number): void {
    this.#shard.counts.responses++
    if (events === 0) this.#shard.counts.empty++
  }

  gap(): void {
    const { audited, audit, plan, recorder } = this.#shard
    audited.gapSignals++
    for (const stream of streamsOf(plan.workload, this.number)) {
      audit.declareGap(this.#shard.listener(this.number - plan.first, stream))
    }
    recorder?.note(Happening.gap, this.number)
  }

  acknowledged(ref: number, refusal: string | null, bytes: number): void {
    this.#shard.speech?.acknowledged(ref, refusal, bytes)
  }

  received(
    bytes: Buffer,
    start: number,
    end: number,
    acceptedAtNs: number,
    isList = false,
  ): number {
    const { marks } = this.#shard
    marks.begin(start, end, acceptedAtNs, isList)
    let found = 0
    while (marks.next(bytes)) {
      found++
      this.receivedMark(marks.mark)
    }
    return found
  }

  receivedList(bytes: Buffer, start: number, end: number): number {
    return this.received(bytes, start, end, Number.NaN, true)
  }

  unmarked(bytes: Buffer, start: number, end: number): void {
    const { audited, disguises } = this.#shard
    if (++audited.unmarked > EXAMINED) return
    const disguise = disguiseOf(bytes, start, end)
    if (disguise !== null) addTo(disguises, { [disguise]: 1 })
  }

  get lastMark(): ReceivedMark {
    return this.#shard.marks.mark
  }

  receivedMark(mark: ReceivedMark): void {
    const shard = this.#shard
    const { audited, plan, instrument } = shard
    const { workload } = plan
    if (mark.run !== workload.run) {
      if (mark.run === UNREADABLE) this.#stray(Happening.damaged)
      else this.#stray(Happening.foreign)
      return
    }
    if (mark.damaged) {
      this.#stray(Happening.damaged)
      return
    }
    const receivedAtNs = nowNs()
    if (shard.recorder !== null) this.#record(shard.recorder, mark, receivedAtNs)
    const room = shard.speaks ? roomOf(workload, mark.channel) : mark.channel
    if (room !== channelOf(workload, this.number)) {
      audited.misrouted++
      return
    }
    shard.counts.deliveries++
    const index = this.number - plan.first
    shard.liveness?.delivered(index)
    const delivery = shard.audit.observe(shard.listener(index, mark.channel), mark.sequence)
    if (delivery === Delivery.forged) {
      audited.forged++
      return
    }
    const { intendedAtNs } = mark
    if (intendedAtNs < shard.window.startNs || intendedAtNs >= shard.window.endNs) return
    if (!this.counted) return
    if (delivery === Delivery.duplicate) {
      audited.duplicates++
      return
    }
    if (delivery === Delivery.outOfOrder) audited.outOfOrder++
    audited.delivered++
    if (this.outage !== null || intendedAtNs < this.#backAtNs) audited.replayed++
    const latencyNs = receivedAtNs - intendedAtNs
    if (latencyNs < 0) {
      audited.negative++
      return
    }
    const latencyUs = latencyNs / NS_PER_US
    const latenessUs = instrument.latenessUs(index, mark, receivedAtNs, latencyUs)
    if (shard.speech !== null && senderOf(workload, mark.channel) === this.number)
      shard.speech.echoed(latencyUs, latenessUs)
    shard.samples.add(
      latencyUs,
      latenessUs,
      Math.min(latencyNs, receivedAtNs - instrument.servableFromNs(index)) / NS_PER_US,
      receivedAtNs,
      (receivedAtNs - mark.acceptedAtNs) / NS_PER_US,
    )
    if (shard.samples.full) shard.owner.onSamplesFull()
  }

  #stray(kind: typeof Happening.damaged | typeof Happening.foreign): void {
    const { audited, recorder } = this.#shard
    if (kind === Happening.damaged) audited.damaged++
    else audited.foreign++
    recorder?.note(kind, this.number)
  }

  #record(recorder: ClientRecorder, mark: ReceivedMark, receivedAtNs: number): void {
    recorder.delivery(this.number, mark.channel, mark.sequence, receivedAtNs, mark.intendedAtNs)
    if (recorder.isFull) this.#shard.owner.onSamplesFull()
  }
}
