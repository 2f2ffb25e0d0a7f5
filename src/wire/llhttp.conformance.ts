/** What becomes of a response, here and by llhttp as node:http's client uses it. */
import http from 'node:http'
import { Duplex } from 'node:stream'
import { HttpResponseParser } from './http-response.ts'
import { feed } from './reads.conformance.ts'

/** What became of the first response. All but `accepted` count only when it was accepted. */
export interface Outcome {
  accepted: boolean
  status: number
  /** Names and values in turn. */
  headers: string[]
  body: string
  keepAlive: boolean
}

export interface OutcomeHere extends Outcome {
  /** More came than the response. */
  leftOver: boolean
  /** The body's content coding. */
  coding: string
}

const STALE = Buffer.from('\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')

function nothing(): Outcome {
  return { accepted: false, status: 0, headers: [], body: '', keepAlive: false }
}

/** By our parser. */
export function parseHere(reads: readonly Buffer[], wantsHeaders = true): OutcomeHere {
  const outcome: OutcomeHere = { ...nothing(), leftOver: false, coding: '' }
  const parser = new HttpResponseParser({
    onHeader(bytes, name, nameEnd, value, valueEnd) {
      outcome.headers.push(
        bytes.toString('latin1', name, nameEnd),
        bytes.toString('latin1', value, valueEnd),
      )
    },
    onHead() {
      outcome.status = parser.status
      outcome.coding = parser.coding
    },
    onBody(bytes, start, end) {
      outcome.body += bytes.toString('latin1', start, end)
    },
    onComplete() {
      outcome.accepted = true
      outcome.keepAlive = parser.keepAlive
      parser.reset()
    },
  })
  parser.wantsHeaders = wantsHeaders
  const error = feed(reads, STALE, (bytes, start, end) => {
    const stopped = outcome.accepted ? start : parser.execute(bytes, start, end)
    if (outcome.accepted && stopped < end) outcome.leftOver = true
  })
  if (error === '' && !outcome.accepted) feed([Buffer.alloc(0)], STALE, () => parser.finish())
  return outcome
}

/** By llhttp. */
export function parseThere(reads: readonly Buffer[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome = nothing()
    const agent = new http.Agent({ keepAlive: true })
    Object.assign(agent, { createConnection: () => new Canned(reads) })
    const request = http.request({ agent })
    const refused = () => resolve(outcome)
    request.on('error', refused)
    request.on('response', (response) => {
      outcome.status = response.statusCode ?? 0
      outcome.headers = response.rawHeaders
      response.on('data', (piece: Buffer) => {
        outcome.body += piece.toString('latin1')
      })
      response.on('error', refused)
      response.on('end', () => {
        outcome.accepted = true
        outcome.keepAlive = request.shouldKeepAlive
        resolve(outcome)
      })
    })
    request.on('close', refused)
    request.end()
  })
}

/** Answers the first write with the reads and closes. */
class Canned extends Duplex {
  #reads: readonly Buffer[] | null

  constructor(reads: readonly Buffer[]) {
    super()
    this.#reads = reads
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
    for (const read of this.#reads ?? []) if (read.length > 0) this.push(read)
    if (this.#reads !== null) this.push(null)
    this.#reads = null
  }

  // What the client asks of a socket.
  setKeepAlive = () => this
  setNoDelay = () => this
  setTimeout = () => this
  ref = () => this
  unref = () => this
}
