import { type FileHandle, open } from 'node:fs/promises'
import { RtbenchError } from '../error.ts'
import { nowNs } from '../measure/clock.ts'
import { messageOf, oneLine } from '../result/cause.ts'
import {
  type DisruptionRecord,
  type EndRecord,
  HISTORY_VERSION,
  type RunRecord,
  type WindowRecord,
} from './record.ts'
import {
  type ClientBatch,
  FATES,
  Happening,
  type HistoryBatch,
  NO_INSTANCE,
  type PublishBatch,
} from './recorder.ts'

/** What may wait for the disk, bytes as they came; a disk that is slower than that for so long is given up. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024
/** Lines that are formatted at once: the coordinator has other things to do. */
const LINES_A_TURN = 4096

/** The channels of a run, as its streams and clients have them. */
export interface RunShape {
  /** The channel on which a stream is heard. */
  channelOf(stream: number): number
  /** The client whose stream it is; below 0 where it is a channel's own. */
  senderOf(stream: number): number
  /** The channel that a client hears. */
  heardBy(client: number): number
}

export type RunHead = Omit<RunRecord, 'is' | 'history'>

/** Makes so many of its lines, from an offset. */
interface Page {
  readonly bytes: number
  readonly lines: number
  text(from: number, to: number): string
}

/**
 * A history that is being written. What is handed over is kept as it is until the disk takes more; no
 * more is formatted than it takes. Whatever becomes of the file, the run goes on.
 */
export class HistoryFile {
  readonly path: string
  /** In a line, why not all of it was written; null while all was. */
  failure: string | null = null
  /** No run has begun. */
  isEmpty = true
  readonly #handle: FileHandle
  readonly #maxWaitingBytes: number
  readonly #waiting: Page[] = []
  #waitingBytes = 0
  #writing: Promise<void> | null = null

  private constructor(path: string, handle: FileHandle, maxWaitingBytes: number) {
    this.path = path
    this.#handle = handle
    this.#maxWaitingBytes = maxWaitingBytes
  }

  /**
   * Opens a file, and empties it.
   * @throws RtbenchError `usage` where it cannot be written
   */
  static async open(path: string, maxWaitingBytes = MAX_WAITING_BYTES): Promise<HistoryFile> {
    try {
      return new HistoryFile(path, await open(path, 'w'), maxWaitingBytes)
    } catch (error) {
      const text = `--history: ${path} cannot be written: ${messageOf(error)}; name another file`
      throw new RtbenchError('usage', oneLine(text), error)
    }
  }

  /** Begins a run's part. */
  begin(head: RunHead, shape: RunShape): RunHistory {
    this.isEmpty = false
    return new RunHistory(head, shape, (page) => this.#add(page))
  }

  /** Resolves when all is written that will be. */
  async close(): Promise<void> {
    await this.#writing
    try {
      await this.#handle.close()
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  #add(page: Page): void {
    if (this.failure !== null) return
    if (this.#waitingBytes + page.bytes > this.#maxWaitingBytes) {
      this.#fail('the disk does not keep up; write it elsewhere, or lower --clients or --rate')
      return
    }
    this.#waiting.push(page)
    this.#waitingBytes += page.bytes
    this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    for (let page = this.#waiting.shift(); page !== undefined; page = this.#waiting.shift()) {
      for (let from = 0; from < page.lines && this.failure === null; from += LINES_A_TURN) {
        const text = page.text(from, Math.min(page.lines, from + LINES_A_TURN))
        try {
          await this.#handle.appendFile(text)
        } catch (error) {
          this.#fail(messageOf(error))
        }
      }
      this.#waitingBytes -= page.bytes
    }
    this.#writing = null
  }

  #fail(why: string): void {
    this.failure ??= oneLine(`${this.path}: the history is not whole: ${why}`)
  }
}

/** A run's part of a history. */
export class RunHistory {
  readonly #originNs: number
  readonly #shape: RunShape
  readonly #add: (page: Page) => void

  constructor(head: RunHead, shape: RunShape, add: (page: Page) => void) {
    // A whole microsecond, as intended times are: none of these is rounded.
    this.#originNs = Math.floor(nowNs() / 1e3) * 1e3
    this.#shape = shape
    this.#add = add
    this.#line({ is: 'run', history: HISTORY_VERSION, ...head } satisfies RunRecord)
  }

  batch({ clients, publishes }: HistoryBatch): void {
    if (publishes !== null) this.#add(this.#publishes(publishes))
    if (clients !== null) this.#add(this.#happenings(clients))
  }

  /** When what is counted begins, and is to end; told before it begins. */
  window({ startNs, endNs }: { readonly startNs: number; readonly endNs: number }): void {
    const toUs = (ns: number): number => Math.ceil((ns - this.#originNs) / 1e3)
    this.#line({
      is: 'window',
      fromUs: toUs(startNs),
      toUs: toUs(endNs),
    } satisfies WindowRecord)
  }

  /** Something was done to the run on purpose. */
  disruption(
    { atNs, untilNs }: { readonly atNs: number; readonly untilNs?: number },
    what: Omit<DisruptionRecord, 'is' | 'atUs' | 'untilUs'>,
  ): void {
    const until = untilNs === undefined ? {} : { untilUs: this.#us(untilNs) }
    this.#line({
      is: 'disruption',
      atUs: this.#us(atNs),
      ...until,
      ...what,
    } satisfies DisruptionRecord)
  }

  end(end: Omit<EndRecord, 'is' | 'atUs'>): void {
    this.#line({ is: 'end', atUs: this.#us(nowNs()), ...end } satisfies EndRecord)
  }

  #us(ns: number): number {
    return Math.max(0, Math.floor((ns - this.#originNs) / 1e3))
  }

  #line(record: object): void {
    const line = `${JSON.stringify(record)}\n`
    this.#add({ bytes: line.length, lines: 1, text: () => line })
  }

  #happenings(batch: ClientBatch): Page {
    const { kinds, clients, atNs } = batch
    let texts = 0
    const text = (from: number, to: number): string => {
      let lines = ''
      for (let at = from; at < to; at++) {
        const kind = kinds[at] as Happening
        const client = clients[at] as number
        const when = `"client":${client},"atUs":${this.#us(atNs[at] as number)}`
        switch (kind) {
          case Happening.delivery:
          case Happening.replay: {
            const stream = batch.streams[at] as number
            const isReplay = kind === Happening.replay ? ',"replay":true' : ''
            lines += `{"is":"delivery",${this.#event(stream, batch.sequences[at] as number)},${when}${isReplay}}\n`
            break
          }
          case Happening.open: {
            const cursor = batch.texts[texts++] ?? ''
            const asked = cursor === '' ? '' : `,"cursor":${JSON.stringify(cursor)}`
            lines += `{"is":"open",${when}${asked}}\n`
            break
          }
          case Happening.subscribed:
            lines += `{"is":"subscribed","channel":${this.#shape.heardBy(client)},${when}}\n`
            break
          case Happening.lost:
            lines += `{"is":"lost",${when},"cause":${JSON.stringify(batch.texts[texts++] ?? '')}}\n`
            break
          case Happening.gap:
            lines += `{"is":"gap",${when}}\n`
            break
          case Happening.damaged:
          case Happening.foreign:
            lines += `{"is":"stray",${when},"kind":"${kind === Happening.damaged ? 'damaged' : 'foreign'}"}\n`
            break
          case Happening.left:
          case Happening.gone:
            lines += `{"is":"left",${when},"subscribed":${kind === Happening.left}}\n`
            break
        }
      }
      return lines
    }
    return { bytes: 21 * kinds.length, lines: kinds.length, text }
  }

  #publishes(batch: PublishBatch): Page {
    let causes = 0
    const text = (from: number, to: number): string => {
      let lines = ''
      for (let at = from; at < to; at++) {
        const fate = FATES[batch.fates[at] as number] ?? 'unknown'
        const instance = batch.instances[at] as number
        const by = instance === NO_INSTANCE ? '' : `,"by":${instance}`
        const cause =
          fate === 'acknowledged' ? '' : `,"cause":${JSON.stringify(batch.causes[causes++] ?? '')}`
        const [intended, sent, settled] = [batch.intendedNs, batch.sentNs, batch.settledNs].map(
          (column) => this.#us(column[at] as number),
        )
        lines += `{"is":"publish",${this.#event(batch.streams[at] as number, batch.sequences[at] as number)},"intendedUs":${intended},"sentUs":${sent},"settledUs":${settled},"fate":"${fate}"${cause}${by}}\n`
      }
      return lines
    }
    return { bytes: 33 * batch.fates.length, lines: batch.fates.length, text }
  }

  #event(stream: number, sequence: number): string {
    const sender = this.#shape.senderOf(stream)
    const from = sender < 0 ? '' : `"from":${sender},`
    return `"channel":${this.#shape.channelOf(stream)},${from}"sequence":${sequence}`
  }
}
