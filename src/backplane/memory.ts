import type { Backplane, Stop } from './backplane.ts'

type Receive<Message> = (messages: readonly Message[]) => void

/** Within one process: what is published has been received when `publish` returns. */
export class MemoryBackplane<Message> implements Backplane<Message> {
  readonly #receivers = new Set<Receive<Message>>()

  publish(messages: readonly Message[]): Promise<void> {
    for (const receive of this.#receivers) receive(messages)
    return Promise.resolve()
  }

  subscribe(receive: Receive<Message>): Promise<Stop> {
    this.#receivers.add(receive)
    return Promise.resolve(() => {
      this.#receivers.delete(receive)
      return Promise.resolve()
    })
  }
}
