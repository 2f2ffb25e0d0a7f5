/** The entry of a worker's process: a shard of the swarm, told what to do over the channel. */
import { beChild } from '../child-process.ts'
import { NS_PER_MS, NS_PER_SECOND, nowNs } from '../measure/clock.ts'
import { LoopMeter } from '../measure/loop.ts'
import type { FromWorker, Span, ToWorker } from './messages.ts'
import { Shard } from './shard.ts'

/** How often the state is told while clients connect. */
const RAMP_UP_STEP_MS = 250

class Worker {
  readonly #loop = new LoopMeter()
  readonly #shard: Shard
  #timer: NodeJS.Timeout
  #window: Span | null = null
  #closed = false

  constructor(shard: (worker: Worker) => Shard) {
    this.#shard = shard(this)
    this.#timer = setInterval(() => this.tell(), RAMP_UP_STEP_MS)
    this.#shard.start()
  }

  tell(): void {
    say({ type: 'snapshot', snapshot: this.#shard.snapshot() })
  }

  measure(window: Span): void {
    this.#window = window
    this.#shard.window = window
    clearInterval(this.#timer)
    this.#at(window.startNs, this.#open)
  }

  /** Closes the window before its time. Its events are those published until the publisher stops. */
  close(): void {
    if (this.#closed) return
    clearInterval(this.#timer)
    this.#close()
  }

  settle(first: Uint32Array, last: Uint32Array): void {
    const settlement = this.#shard.settle(first, last)
    say({ type: 'settled', snapshot: this.#shard.snapshot(), settlement })
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#shard.stop()
    process.disconnect()
  }

  readonly #open = (): void => {
    this.#loop.reset()
    say({ type: 'window-start', snapshot: this.#shard.snapshot() })
    this.#nextSecond(1)
  }

  #nextSecond(second: number): void {
    const window = this.#window as Span
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
    say({ type: 'window-end', snapshot: this.#shard.snapshot(), loop: this.#loop.read() })
    this.#timer = setInterval(() => this.tell(), 1000)
  }

  #at(atNs: number, act: () => void): void {
    this.#timer = setTimeout(act, Math.max(0, (atNs - nowNs()) / NS_PER_MS))
  }
}

let worker: Worker | null = null

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

beChild('worker')
process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'start':
      worker = new Worker(
        (owner) =>
          new Shard(message.plan, {
            onSamplesFull: () => owner.tell(),
            onRamped: () => {
              owner.tell()
              say({ type: 'ramped' })
            },
          }),
      )
      break
    case 'window':
      worker?.measure(message.window)
      break
    case 'close':
      worker?.close()
      break
    case 'settle':
      worker?.settle(message.first, message.last)
      break
    case 'stop':
      worker?.stop()
      break
  }
})
