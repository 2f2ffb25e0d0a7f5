/**
 * The contract of a backplane: the bus that carries events between server instances. Every
 * instance hands in what it was given and receives what all of them were given, in one order.
 */
export interface Backplane<Message> {
  /** Resolves when the messages are taken; rejects when they are not. */
  publish(messages: readonly Message[]): Promise<void>
  /** From now on `receive` is called with what was published, in order. */
  subscribe(receive: (messages: readonly Message[]) => void): Promise<void>
}

/** Within one process: what is published has been received when `publish` returns. */
function memoryBackplane<Message>(): Backplane<Message> {
  const receivers: ((messages: readonly Message[]) => void)[] = []
  return {
    publish(messages) {
      for (const receive of receivers) receive(messages)
      return Promise.resolve()
    },
    subscribe(receive) {
      receivers.push(receive)
      return Promise.resolve()
    },
  }
}

/** Every backplane by the name that a scenario has for it, with how a server gets on it. */
const backplanes = new Map([['memory', memoryBackplane]])

export const backplaneNames: readonly string[] = [...backplanes.keys()]

/** The backplane of this name; a name that passed the scenario's check is always here. */
export function openBackplane<Message>(name: string): Backplane<Message> {
  const open = backplanes.get(name)
  if (open === undefined) throw new Error(`no backplane is named ${name}`)
  return open()
}
