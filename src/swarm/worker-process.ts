/** The entry of a worker's process: a shard of the swarm, told what to do over the channel. */
import { beChild } from '../child-process.ts'
import { NS_PER_MS, NS_PER_SECOND, nowNs } from '../measure/clock.ts'
import { LoopMeter } from '../measure/lateness.ts'
import { collectGarbage, giveWay, keepToSide } from '../process-settings.ts'
import { transportNamed } from '../transports/registry.ts'
import type { Open } from '../transports/transport.ts'
import { connectTo } from '../wire/connect.ts'
import type { FromWorker, SpeechReport } from './heard.ts'
import type { DisruptOrder, Span, SpeechSchedule, ToWorker, WorkerPlan } from './messages.ts'
import type { Sent } from './run-order.ts'
import { Shard, type ShardOwner } from './shard.ts'

/** How often the state is told while clients connect. */
const RAMP_UP_STEP_MS = 250
/** The same, from then on. */
const STEP_MS = 1_000

class Worker implements ShardOwner {
  readonly #loop = new LoopMeter()
  readonly #shard: Shard
  /** Tells the state by and by, outside of the window. */
  #teller: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #window: Span | null = null
  /** Of the window, under way; null outside of it. */
  #second: number | null = null
  #closed = false
  /** What is noted from now on counts when it settles again, or ends: accounts must match. */
  #settled = false

  constructor(plan: WorkerPlan, open: Open) {
    this.#shard = new Shard(plan, open, this)
    this.#teller = setInterval(() => this.tell(), RAMP_UP_STEP_MS)
    this.#shard.start()
  }

  tell(): void {
    this.#shard.watch.enter()
    say({ type: 'snapshot', snapshot: this.#shard.snapshot(this.#second) })
    if (!this.#settled) this.#tellHistory()
  }

  onSamplesFull(): void {
    this.tell()
  }

  onRamped(): void {
    this.tell()
    say({ type: 'ramped' })
  }

  onSpoken(report: SpeechReport): void {
    this.tell()
    say({ type: 'spoken', report })
  }

  measure(window: Span, speech: SpeechSchedule | null): void {
    // In the calm after the ramp-up, of which most of the garbage is.
    collectGarbage()
    this.#window = window
    this.#shard.window = window
    this.#tellEach(STEP_MS)
    this.#at(window.startNs, this.#open)
    if (speech !== null) this.#shard.speech?.begin(speech)
  }

  /** Closes the window before its time. Its events are those published until the publisher stops. */
  close(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#shard.speech?.finish()
    this.#close()
  }

  disrupt(order: DisruptOrder): void {
    this.#shard.watch.enter()
    say({ type: 'disrupted', ...this.#shard.disrupt(order) })
  }

  settle(sent: Sent): void {
    this.#settled = true
    this.#tellHistory()
    const settlement = this.#shard.settle(sent)
    const outages = this.#shard.openOutages
    say({ type: 'settled', snapshot: this.#shard.snapshot(null), settlement, outages })
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#teller)
    if (this.#settled) this.#shard.recorder?.forget()
    this.#shard.noteEnd()
    this.#shard.stop()
    this.#tellHistory()
    process.disconnect()
  }

  #tellHistory(): void {
    const { recorder, published } = this.#shard
    if (recorder === null) return
    const clients = recorder.take()
    const publishes = published?.take() ?? null
    if (clients !== null || publishes !== null) {
      say({ type: 'history', batch: { clients, publishes } })
    }
  }

  readonly #open = (): void => {
    clearInterval(this.#teller)
    this.#loop.reset()
    say({ type: 'window-start', snapshot: this.#shard.snapshot(null) })
    this.#nextSecond(1)
  }

  #nextSecond(second: number): void {
    const window = this.#window as Span
    this.#second = second - 1
    const atNs = window.startNs + second * NS_PER_SECOND
    if (atNs >= window.endNs) this.#at(window.endNs, this.#close)
    else {
      this.#at(atNs, () => {
        this.tell()
        this.#nextSecond(second + 1)
      })
    }
  }

  readonly #close = (): void => {
    this.#closed = true
    const snapshot = this.#shard.snapshot(this.#second)
    say({ type: 'window-end', snapshot, loop: this.#loop.read() })
    this.#second = null
    this.#tellEach(STEP_MS)
  }

  #tellEach(ms: number): void {
    clearInterval(this.#teller)
    this.#teller = setInterval(() => this.tell(), ms)
  }

  #at(atNs: number, act: () => void): void {
    this.#timer = setTimeout(act, Math.max(0, (atNs - nowNs()) / NS_PER_MS))
  }
}

/** On the plan's engine, whose modules are loaded for it and for no other. */
async function startWorker(plan: WorkerPlan): Promise<Worker> {
  if (plan.givesWay) giveWay()
  if (plan.sharesHost) keepToSide('clients')
  const transport = transportNamed(plan.transport)
  if (plan.engine === 'library') return new Worker(plan, await transport.openWithLibrary())
  const connect = await connectTo(plan.targets[0])
  return new Worker(plan, (target, session) => transport.open(target, session, connect))
}

function obey(worker: Worker, message: Exclude<ToWorker, { type: 'start' }>): void {
  switch (message.type) {
    case 'window':
      worker.measure(message.window, message.speech)
      break
    case 'close':
      worker.close()
      break
    case 'disrupt':
      worker.disrupt(message.order)
      break
    case 'settle':
      worker.settle(message.sent)
      break
    case 'stop':
      worker.stop()
      break
  }
}

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

let started: Promise<Worker> | null = null

beChild('worker')
process.on('message', (message: ToWorker) => {
  if (message.type === 'start') started = startWorker(message.plan)
  else void started?.then((worker) => obey(worker, message))
})
