import type { Hub, PublishedEvent, Replay } from './transport.ts'

/** Data of one slice: what a connection that does not read takes of memory beside its live events. */
export const SLICE_BYTES = 64 * 1024

/** What catches up: a connection. */
export interface SliceWriter {
  /** Writes events and calls back when the socket has taken all; tells whether it has already. */
  writeSlice(events: readonly PublishedEvent[], onWritten: (error?: Error | null) => void): boolean
  /** Events after the id have left the log. */
  writeGap(channels: readonly string[], afterId: string): void
  /** A slice was not taken in time. */
  cutSlow(): void
  /** Nothing is left to be sent. */
  caughtUp(): void
}

interface Lag {
  readonly channels: readonly string[]
  /** The last one that was sent. */
  afterId: string
  /** The gap after it, if there is one. */
  isGapTold: boolean
}

/**
 * A connection's way from where it resumed to the log's end: slice by slice, the next one when the
 * socket has taken the one before, so that missed events are in memory once, whoever misses them.
 * Until the last slice is written, live events of its channels come with a slice.
 */
export class CatchUp {
  readonly #hub: Hub
  readonly #writer: SliceWriter
  readonly #lags: Lag[] = []
  /** A slice is under way, or the next one is due. */
  #isBusy = false
  /** The socket has not taken all of a slice. */
  #isUnread = false
  #isStopped = false
  #timer: NodeJS.Timeout | null = null

  constructor(hub: Hub, writer: SliceWriter) {
    this.#hub = hub
    this.#writer = writer
  }

  /** What is published on a channel comes with a slice. */
  isBehindOn(channel: string): boolean {
    return this.#lags.some(({ channels }) => channels.includes(channel))
  }

  /** Sends what was missed on some channels, at once if nothing else is under way. */
  follow(channels: readonly string[], afterId: string, first: Replay): void {
    const lag = { channels, afterId, isGapTold: first.gap }
    this.#lags.push(lag)
    if (!this.#isBusy) this.#send(lag, first)
  }

  /** Nothing more is wanted of a channel. */
  forget(channel: string): void {
    const at = this.#lags.findIndex(({ channels }) => channels.includes(channel))
    if (at >= 0) this.#lags.splice(at, 1)
  }

  stop(): void {
    this.#isStopped = true
    this.#lags.length = 0
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #send(lag: Lag, { events, isWhole }: Replay): void {
    lag.afterId = events.at(-1)?.id ?? lag.afterId
    // What is published from now on is written behind the slice.
    if (isWhole) this.#lags.shift()
    this.#isBusy = true
    this.#isUnread = true
    const isTaken = this.#writer.writeSlice(events, this.#onTaken)
    if (this.#timer !== null) this.#timer.refresh()
    else if (!isTaken) this.#timer = setTimeout(this.#onLate, this.#hub.limits.answerMs)
  }

  // A turn of the loop between two slices: live events of others must not wait for all of them.
  readonly #onTaken = (error?: Error | null): void => {
    this.#isUnread = false
    if (error !== undefined && error !== null) return
    if (this.#lags.length > 0) setImmediate(this.#next)
    else this.#end()
  }

  readonly #next = (): void => {
    if (this.#isStopped) return
    for (let lag = this.#lags[0]; lag !== undefined; lag = this.#lags[0]) {
      const slice = this.#hub.replay(lag.channels, lag.afterId, SLICE_BYTES)
      if (slice.gap && !lag.isGapTold) this.#writer.writeGap(lag.channels, lag.afterId)
      lag.isGapTold = false
      if (slice.events.length > 0) {
        this.#send(lag, slice)
        return
      }
      this.#lags.shift()
    }
    this.#end()
  }

  #end(): void {
    this.stop()
    this.#writer.caughtUp()
  }

  // To a process that was stopped itself, all timers are due before it sees what its sockets took.
  readonly #onLate = (): void => {
    setImmediate(this.#onUnread)
  }

  readonly #onUnread = (): void => {
    if (this.#isStopped) return
    if (this.#isUnread) this.#writer.cutSlow()
    else this.#timer?.refresh()
  }
}
