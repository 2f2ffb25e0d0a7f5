import { nowNs } from '../measure/clock.ts'
import type { PublishDescription } from '../scenario/target.ts'
import type { Target } from '../transports/transport.ts'
import type { OpenMark } from '../wire/mark.ts'
import { asUtf8, CHANNEL_BLANK, requestHead, Template } from '../wire/request.ts'
import type { Connect, SharedReader } from '../wire/socket.ts'
import {
  type Fate,
  type PublishAccount,
  PublishConnection,
  type Sending,
} from './publish-connection.ts'
import { Letter, type PublishLink, type RecordFate } from './publish-link.ts'
import { channelName, type Workload } from './run-order.ts'

const DATA_BLANK = '{data}'
const ANSWER_MS = 10_000
/** Node closes an idle connection after five seconds, others later. */
const IDLE_MS = 4_000
const LOOK_MS = 500

/**
 * To a server that a scenario describes: a request for each event, over some connections. A channel
 * keeps to one of them, and a connection has one request under way, so that events keep their
 * order; what waits meanwhile is late, and its latency says so.
 *
 * Neither marks nor the names of channels have a character that a path, a header or JSON would
 * want escaped.
 */
export class RequestLink implements PublishLink {
  readonly #workload: Workload
  readonly #lanes: readonly Lane[]
  readonly #head: Template
  readonly #body: Template
  readonly #looks: NodeJS.Timeout
  readonly #added: Letter[] = []

  constructor(
    target: Target,
    publish: PublishDescription,
    workload: Workload,
    reader: SharedReader,
    account: PublishAccount,
    record: RecordFate | null = null,
    connect?: Connect,
  ) {
    const { method, path, headers, body, connections } = publish
    const blanks = (text: string): Template => new Template(text, CHANNEL_BLANK, DATA_BLANK)
    this.#workload = workload
    this.#head = blanks(
      `${requestHead(target, method, path, identityUnless(headers))}Content-Length: `,
    )
    this.#body = blanks(body)
    const length = Math.min(connections, workload.channels)
    this.#lanes = Array.from(
      { length },
      () => new Lane(target, reader, publish, account, record, connect),
    )
    this.#looks = setInterval(() => {
      for (const { connection } of this.#lanes) connection.look(ANSWER_MS, IDLE_MS)
    }, LOOK_MS)
  }

  get outstanding(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.outstanding, 0)
  }

  get isWaiting(): boolean {
    return this.#lanes.some((lane) => lane.outstanding > 1)
  }

  compose(channel: number, mark: OpenMark, filler: string, counted: boolean): Letter {
    const name = channelName(this.#workload, channel)
    const data = mark.text + filler
    const body = this.#body.fill(name, data)
    const head = `${this.#head.fill(name, data)}${Buffer.byteLength(body)}\r\n\r\n`
    return new Letter(channel, head, body, mark, counted)
  }

  add(letter: Letter): void {
    this.#added.push(letter)
  }

  rehearse(letter: Letter): void {
    letter.handOver(nowNs())
    this.#laneOf(letter).connection.rehearse()
  }

  /** Nothing is gathered: a lane sends what waits for it by itself. */
  flush(): void {
    for (const letter of this.#added) {
      letter.handOver(nowNs())
      this.#laneOf(letter).send(letter)
    }
    this.#added.length = 0
  }

  finish(): void {}

  close(): void {
    clearInterval(this.#looks)
    for (const lane of this.#lanes) lane.close()
  }

  #laneOf({ channel }: Letter): Lane {
    return this.#lanes[channel % this.#lanes.length] as Lane
  }
}

/** A body that is looked into must not be compressed. */
function identityUnless(headers: Readonly<Record<string, string>>): Record<string, string> {
  const asks = Object.keys(headers).some((name) => /^accept-encoding$/i.test(name))
  return asks ? headers : { 'Accept-Encoding': 'identity', ...headers }
}

function judgeOf({ accepted, confirmed, refused }: PublishDescription): Sending['refusalOf'] {
  const statuses = new Set(accepted)
  // Bodies are told as bytes, one a character.
  const confirming = confirmed == null ? null : asUtf8(confirmed)
  const refusing = refused == null ? null : asUtf8(refused)
  return (status, body) => {
    if (!statuses.has(status)) return `http-${status}`
    if (refusing !== null && body.includes(refusing)) return 'refused'
    return confirming === null || body.includes(confirming) ? null : 'unconfirmed'
  }
}

/** One connection, and what is to be sent on it: one after the other. */
class Lane implements Sending {
  readonly connection: PublishConnection
  readonly refusalOf: Sending['refusalOf']
  readonly #account: PublishAccount
  readonly #record: RecordFate | null
  /** The first one is under way. */
  readonly #letters: Letter[] = []

  constructor(
    target: Target,
    reader: SharedReader,
    publish: PublishDescription,
    to: PublishAccount,
    record: RecordFate | null,
    connect: Connect | undefined,
  ) {
    const keepsBodies = publish.confirmed != null || publish.refused != null
    this.connection = new PublishConnection(target, reader, keepsBodies, connect)
    this.refusalOf = judgeOf(publish)
    this.#account = to
    this.#record = record
  }

  get outstanding(): number {
    return this.#letters.length
  }

  get bytes(): Buffer {
    return this.#first.bytes
  }

  send(letter: Letter): void {
    this.#letters.push(letter)
    if (this.#letters.length === 1) this.connection.send(this)
  }

  close(): void {
    this.connection.close()
    for (const letter of this.#letters) this.#settle(letter, 'dropped', 'unanswered')
    this.#letters.length = 0
  }

  settled(fate: Fate, cause: string | null): void {
    this.#settle(this.#first, fate, cause)
    this.#letters.shift()
    if (this.#letters.length > 0) this.connection.send(this)
  }

  #settle(letter: Letter, fate: Fate, cause: string | null): void {
    const unaccepted = letter.counted && cause !== null ? [letter] : []
    this.#account.settle(fate, Number(letter.counted), cause, unaccepted)
    this.#record?.(letter, fate, cause)
  }

  get #first(): Letter {
    return this.#letters[0] as Letter
  }
}
