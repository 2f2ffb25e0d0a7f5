import type { Client } from 'undici'
import type { PublishDescription } from '../scenario/target.ts'
import type { Target } from '../transports/transport.ts'
import { authorization, CHANNEL_BLANK } from '../wire/request.ts'
import { Template } from '../wire/template.ts'
import { Acceptance } from './acceptance.ts'
import { patientClient } from './control.ts'
import { PublishAccount } from './publish-account.ts'
import type { PublishLink } from './publish-link.ts'
import { channelName, type Workload } from './workload.ts'

const DATA_BLANK = '{data}'

/**
 * To a server that a scenario describes: a request for each event, over some connections. A channel
 * keeps to one of them, and a connection has one request under way, so that events keep their
 * order; what waits meanwhile is late, and its latency says so.
 *
 * Neither marks nor the names of channels have a character that a path, a header or JSON would
 * want escaped.
 */
export class RequestLink implements PublishLink {
  readonly account = new PublishAccount()
  readonly #workload: Workload
  readonly #method: PublishDescription['method']
  readonly #clients: readonly Client[]
  readonly #path: Template
  readonly #headers: readonly (readonly [name: string, value: Template])[]
  readonly #body: Template
  readonly #isAccepted: (status: number) => boolean

  constructor(target: Target, publish: PublishDescription, workload: Workload) {
    const { method, path, headers, body, accepted, connections } = publish
    const statuses = new Set(accepted)
    const blanks = (text: string): Template => new Template(text, CHANNEL_BLANK, DATA_BLANK)
    this.#workload = workload
    this.#method = method
    this.#clients = Array.from({ length: connections }, () => patientClient(target))
    this.#path = blanks(target.basePath + path)
    this.#headers = [
      ['host', target.authority] as const,
      ['user-agent', 'rtbench'] as const,
      ...authorization(target.token, headers),
      ...Object.entries(headers),
    ].map(([name, value]) => [name, blanks(value)])
    this.#body = blanks(body)
    this.#isAccepted = (status) => statuses.has(status)
  }

  add(channel: number, data: string, counted: boolean): void {
    const name = channelName(this.#workload, channel)
    const client = this.#clients[channel % this.#clients.length] as Client
    if (counted) this.account.expect()
    client.dispatch(
      {
        method: this.#method,
        path: this.#path.fill(name, data),
        headers: this.#headers.flatMap(([header, value]) => [header, value.fill(name, data)]),
        body: this.#body.fill(name, data),
      },
      new Acceptance(this.#isAccepted, this.account.begin(counted ? 1 : 0)),
    )
  }

  /** Nothing is gathered: a connection sends what waits for it by itself. */
  flush(): void {}

  finish(): void {}

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.destroy()))
  }
}
