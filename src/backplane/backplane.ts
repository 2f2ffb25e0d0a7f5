/**
 * The contract of a backplane: the bus that carries events between server instances. Every
 * instance hands in what it was given and receives what all of them were given, in one order.
 */
export interface Backplane<Message> {
  /** Resolves when the messages are taken; rejects when they are not. */
  publish(messages: readonly Message[]): Promise<void>
  /** Called with what was published, in order, until stopped. */
  subscribe(receive: (messages: readonly Message[]) => void): Promise<Stop>
}

export type Stop = () => Promise<void>
