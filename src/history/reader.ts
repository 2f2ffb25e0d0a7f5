/** A history's file, read in pieces: it may be larger than the memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import { messageOf, oneLine } from '../result/cause.ts'
import { RunAudit, type RunVerdict } from './audit.ts'
import { HISTORY_VERSION, type HistoryRecord, parseRecord, type RunRecord } from './record.ts'

const PIECE_BYTES = 1024 * 1024
/** Of one line: the longest has a cursor of some kilobytes. */
const MAX_LINE_BYTES = 1024 * 1024
const NEWLINE = 0x0a
const DEFAULT_EXAMPLES = 5
/** So many are read at once, some 20 ms: whoever reads has signals to hear. */
const LINES_A_TURN = 16_384

export interface HistoryVerdict {
  readonly runs: readonly RunVerdict[]
  /** The number of a last line that has no end, as a killed run leaves it; null where there is none. */
  readonly tornLine: number | null
}

/**
 * Judges every run of a history.
 * @param signal ends it, with the signal's reason
 * @throws RtbenchError `bad-result` where it cannot be read, or is none
 */
export async function auditHistory(
  path: string,
  maxExamples = DEFAULT_EXAMPLES,
  signal?: AbortSignal,
): Promise<HistoryVerdict> {
  const file = openHistory(path)
  try {
    return await new HistoryAudit(path, file, maxExamples, signal).judge()
  } finally {
    closeSync(file)
  }
}

function openHistory(path: string): number {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw badHistory(path, messageOf(error))
  }
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw badHistory(path, 'is no file; a history is read twice, so write it to one')
}

function badHistory(where: string, why: string): RtbenchError {
  return new RtbenchError('bad-result', oneLine(`${where}: ${why}`))
}

/** A line, its place and its number, from 1. */
interface Line {
  readonly text: string
  readonly number: number
  /** Offset of the next one. */
  readonly end: number
  /** It has an end. */
  readonly isWhole: boolean
}

class HistoryAudit {
  readonly #path: string
  readonly #file: number
  readonly #maxExamples: number
  readonly #signal: AbortSignal | undefined
  readonly #piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  #tornLine: number | null = null

  constructor(path: string, file: number, maxExamples: number, signal: AbortSignal | undefined) {
    this.#path = path
    this.#file = file
    this.#maxExamples = maxExamples
    this.#signal = signal
  }

  async judge(): Promise<HistoryVerdict> {
    const runs: RunVerdict[] = []
    for (let at = { offset: 0, line: 1 }; ; ) {
      const [first] = this.#lines(at.offset, at.line)
      if (first === undefined) break
      const head = this.#head(first)
      if (head === null) break
      const audit = new RunAudit(head, this.#maxExamples)
      const body = { offset: first.end, line: at.line + 1 }
      const next = await this.#read(body, null, (record, line) => audit.learn(record, line))
      await this.#read(body, next.offset, (record, line) => {
        audit.judge(record, line)
        return null
      })
      runs.push(audit.finish())
      at = next
    }
    if (runs.length === 0) throw badHistory(this.#path, 'is no history: there is no run in it')
    return { runs, tornLine: this.#tornLine }
  }

  /** Null of a torn line, which is the last. */
  #head(line: Line): RunRecord | null {
    const record = this.#record(line, 'is no history: ')
    if (record === null) return null
    if (record.is !== 'run') {
      throw badHistory(
        `${this.#path}:${line.number}`,
        'is no history: its first line is no run; write one by rtbench run --history',
      )
    }
    if (record.history !== HISTORY_VERSION) {
      throw badHistory(
        `${this.#path}:${line.number}`,
        `is a history of version ${record.history}, and this rtbench reads ${HISTORY_VERSION}; read it by rtbench ${record.rtbench}`,
      )
    }
    return record
  }

  /** Null of a line that has no end and says nothing: a killed run's last one. */
  #record(line: Line, what = ''): HistoryRecord | null {
    const record = parseRecord(line.text)
    if (typeof record !== 'string') return record
    if (!line.isWhole && line.number > 1) {
      this.#tornLine = line.number
      return null
    }
    throw badHistory(`${this.#path}:${line.number}`, `${what}${record}`)
  }

  /**
   * Reads a run's records, up to the next run.
   * @param take says why a record cannot be; null where it can
   * @returns where the next run begins, or the file ends
   */
  async #read(
    from: { readonly offset: number; readonly line: number },
    toOffset: number | null,
    take: (record: HistoryRecord, line: number) => string | null,
  ): Promise<{ readonly offset: number; readonly line: number }> {
    let at = from
    for (const line of this.#lines(from.offset, from.line)) {
      if (at.offset === toOffset) return at
      if (line.number % LINES_A_TURN === 0) {
        await turn()
        this.#signal?.throwIfAborted()
      }
      const record = this.#record(line)
      if (record?.is === 'run') return at
      const fault = record === null ? null : take(record, line.number)
      if (fault !== null) throw badHistory(`${this.#path}:${line.number}`, fault)
      at = { offset: line.end, line: line.number + 1 }
    }
    return at
  }

  *#lines(fromOffset: number, fromLine: number): Generator<Line> {
    const piece = this.#piece
    let rest = Buffer.alloc(0)
    let offset = fromOffset
    let number = fromLine
    for (;;) {
      let bytes: number
      try {
        bytes = readSync(this.#file, piece, 0, PIECE_BYTES, offset + rest.length)
      } catch (error) {
        throw badHistory(this.#path, messageOf(error))
      }
      if (bytes === 0) break
      const read = piece.subarray(0, bytes)
      const all = rest.length === 0 ? read : Buffer.concat([rest, read])
      let start = 0
      for (;;) {
        const newline = all.indexOf(NEWLINE, start)
        if (newline < 0) break
        const text = all.toString('utf8', start, newline)
        offset += newline + 1 - start
        start = newline + 1
        yield { text, number: number++, end: offset, isWhole: true }
      }
      if (all.length - start > MAX_LINE_BYTES) {
        throw badHistory(`${this.#path}:${number}`, 'is no history: a line of over 1 MiB')
      }
      // Of its own memory: the piece is read into again.
      rest = Buffer.from(all.subarray(start))
    }
    if (rest.length > 0) {
      yield { text: rest.toString(), number, end: offset + rest.length, isWhole: false }
    }
  }
}
