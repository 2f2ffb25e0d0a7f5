import type { Client } from 'undici'
import type { Target } from '../transports/transport.ts'
import { Acceptance } from './acceptance.ts'
import { controlClient, controlHeaders } from './control.ts'
import { PublishAccount } from './publish-account.ts'
import { channelName, type Workload } from './workload.ts'

/** Bytes of a request from which on it is sent: far below what a server refuses. */
const FULL_BATCH_BYTES = 256 * 1024
/**
 * Requests without an answer, from which on events are gathered until one comes. A server that
 * stood still shall find events when it goes on, not one request for each wake-up of ours: taking
 * thousands of requests in would last, and be told as a part of the standstill. A server that is far
 * away comes to it, too: at 100 ms events are gathered for 3 ms at most.
 */
const MAX_OUTSTANDING = 32

/** Events that are sent in one request. */
interface Batch {
  readonly bodies: string[]
  bytes: number
  /** Events that are counted. */
  counted: number
}

/** The way of the publisher's events to one server. */
export interface PublishLink {
  readonly account: PublishAccount
  add(channel: number, data: string, counted: boolean): void
  /** Sends what was gathered, as soon as answers allow. */
  flush(): void
  /** Sends the rest of it at once: nothing will be gathered any more. */
  finish(): void
  close(): Promise<void>
}

const isAccepted = (status: number): boolean => status === 202

/** To an instance of the reference server: gathers events and sends them in batches. */
export class BatchLink implements PublishLink {
  readonly account = new PublishAccount()
  readonly #workload: Workload
  readonly #client: Client
  readonly #path: string
  readonly #headers: Record<string, string>
  /** Not sent yet; the last one takes what is added. */
  readonly #batches: Batch[] = []

  constructor(target: Target, workload: Workload) {
    this.#workload = workload
    this.#client = controlClient(target)
    this.#path = `${target.basePath}/publish`
    this.#headers = { ...controlHeaders(target), 'content-type': 'application/json' }
  }

  add(channel: number, data: string, counted: boolean): void {
    const body = `{"channel":"${channelName(this.#workload, channel)}","data":"${data}"}`
    const batch = this.#openBatch()
    batch.bodies.push(body)
    batch.bytes += body.length
    if (counted) {
      batch.counted++
      this.account.expect()
    }
    if (batch.bytes >= FULL_BATCH_BYTES) this.flush()
  }

  flush(): void {
    this.#sendWhile(MAX_OUTSTANDING)
  }

  finish(): void {
    this.#sendWhile(Number.POSITIVE_INFINITY)
  }

  #sendWhile(maxOutstanding: number): void {
    while (this.account.outstanding < maxOutstanding) {
      const batch = this.#batches.shift()
      if (batch === undefined) return
      this.#send(batch)
    }
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }

  #openBatch(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.bytes < FULL_BATCH_BYTES) return last
    const batch = { bodies: [], bytes: 0, counted: 0 }
    this.#batches.push(batch)
    return batch
  }

  #send({ bodies, counted }: Batch): void {
    const body = `[${bodies.join()}]`
    const end = this.account.begin(counted)
    const settle = (refusal: string | null): void => {
      end(refusal)
      this.flush()
    }
    this.#client.dispatch(
      {
        method: 'POST',
        path: this.#path,
        headers: this.#headers,
        body,
        // Both let requests be pipelined.
        idempotent: true,
        blocking: false,
      },
      new Acceptance(isAccepted, settle),
    )
  }
}
