/** Requests to a server of which nothing is known: what comes back, as far as it has come. */
import { createHash, randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long an answer may take; what is silent for longer is held. */
const PATIENCE_MS = 1_000
const STEP_MS = 10
/** As much of what came is kept. */
const MOST_CHARACTERS = 256 * 1024
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A request under way, and what of its answer has come. */
export class Asked {
  readonly path: string
  /** Null until the head is there, or when there will be none. */
  status: number | null = null
  headers: IncomingMessage['headers'] = {}
  text = ''
  /** What kept it from being asked, such as `ECONNREFUSED`. */
  failure: string | null = null
  /** There is no more to come. */
  ended = false
  readonly #request: ClientRequest
  #stream: Duplex | IncomingMessage | null = null

  /** @param url of the server; paths are below its own */
  constructor(url: string, { method = 'GET', path, headers = {}, body }: Ask) {
    const { protocol, pathname } = new URL(url)
    const send = protocol === 'https:' ? httpsRequest : httpRequest
    this.path = path
    this.#request = send(new URL(pathname.replace(/\/+$/, '') + path, url), {
      method,
      agent: false,
      headers: {
        'Accept-Encoding': 'identity',
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    })
    this.#request.on('response', (response) => this.#take(response, response))
    this.#request.on('upgrade', (response, socket, head) => {
      this.#take(response, socket)
      this.#add(head.toString('latin1'))
    })
    this.#request.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      this.failure = code ?? message
      this.#end()
    })
    this.#request.end(body)
  }

  /** Resolves when it is so, or can be no more; whether it is. */
  async until(isSo: () => boolean): Promise<boolean> {
    return waitUntil(() => isSo() || this.ended, PATIENCE_MS).then(isSo)
  }

  /** In lower case, without its parameters: `text/event-stream`. */
  get type(): string {
    return (this.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  }

  /** How it answered, for a person: `404 text/html`. */
  get answer(): string {
    if (this.status === null) return this.ended ? 'was cut' : 'had no answer'
    return `was answered ${[this.status, this.type].join(' ').trim()}`
  }

  close(): void {
    this.#request.destroy()
    // After an upgrade it is the request's no more.
    this.#stream?.destroy()
    this.ended = true
  }

  #take(response: IncomingMessage, stream: Duplex | IncomingMessage): void {
    this.status = response.statusCode ?? null
    this.headers = response.headers
    this.#stream = stream
    // A message in a frame of the server's stands there as it is.
    stream.on('data', (bytes: Buffer) => this.#add(bytes.toString('latin1')))
    for (const end of ['error', 'close', 'end']) stream.once(end, this.#end)
  }

  #add(text: string): void {
    this.text = (this.text + text).slice(-MOST_CHARACTERS)
  }

  readonly #end = (): void => {
    this.ended = true
  }
}

/** Resolves when it is so, or the time is over. */
export async function waitUntil(isSo: () => boolean, patienceMs: number): Promise<void> {
  const untilMs = performance.now() + patienceMs
  while (!isSo() && performance.now() < untilMs) await sleep(STEP_MS)
}

/** The headers that ask for a WebSocket, and whether an answer grants it (RFC 6455, 4.2.2). */
export function upgrade(): {
  readonly headers: Readonly<Record<string, string>>
  isGranted(asked: Asked): boolean
} {
  const key = randomBytes(16).toString('base64')
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
  return {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
    },
    isGranted: ({ status, headers }) =>
      status === 101 && headers['sec-websocket-accept'] === accept,
  }
}
