/** Ten thousand bare receivers in a process of their own, as the other benches use them. */

import type { ChildProcess } from 'node:child_process'
import { ended, startModule } from '../src/child-process.ts'
import type { Span } from '../src/swarm/messages.ts'
import { LEAN_FLAGS } from '../src/swarm/swarm.ts'
import type { BareFigures, BareOrder, FromBare, ToBare } from './bare-receiver.ts'

export class BareReceivers {
  readonly #process: ChildProcess

  private constructor(receiver: ChildProcess) {
    this.#process = receiver
  }

  /** Resolves when all of them are connected. */
  static async connect(order: BareOrder): Promise<BareReceivers> {
    const receivers = new BareReceivers(startModule('bare-receiver', import.meta.url, LEAN_FLAGS))
    const connected = receivers.#heard('connected')
    receivers.#say({ type: 'order', order })
    await connected
    return receivers
  }

  /** Resolves with what they saw, after the window. */
  async measure(window: Span): Promise<BareFigures> {
    const figures = this.#heard('figures')
    this.#say({ type: 'window', window })
    return (await figures).figures
  }

  async stop(): Promise<void> {
    this.#process.disconnect()
    await ended(this.#process, 5_000)
  }

  #say(message: ToBare): void {
    this.#process.send(message)
  }

  #heard<Type extends FromBare['type']>(type: Type): Promise<Extract<FromBare, { type: Type }>> {
    return new Promise((resolve, reject) => {
      this.#process.once('exit', () => reject(new Error('the bare loop ended early')))
      this.#process.on('message', (message: FromBare) => {
        if (message.type === type) resolve(message as Extract<FromBare, { type: Type }>)
      })
    })
  }
}
