import type { EndpointDescription } from '../../scenario/target.ts'
import { asUtf8, RequestTemplate } from '../../wire/request.ts'
import type { Target } from '../client-side.ts'
import type { Dialect } from '../dialect.ts'
import { KnownEvent } from '../known-event.ts'

export const MEDIA_TYPE = 'text/event-stream'

const REFERENCE: EndpointDescription = { path: '/sse?channel={channel}', gap: 'gap' }

/** How a stream is asked for; what it says is the standard's part. */
export class SseDialect implements Dialect {
  readonly target: Target
  readonly known = new KnownEvent()
  /** The type of an event that says that not everything can be replayed; null where none does. */
  readonly gapType: string | null
  readonly #request: RequestTemplate

  constructor(target: Target) {
    const { path, headers = {}, gap } = target.endpoint ?? REFERENCE
    const accepts = Object.keys(headers).some((name) => /^accept$/i.test(name))
    this.target = target
    this.gapType = gap ?? null
    this.#request = new RequestTemplate(
      target,
      path,
      accepts ? headers : { Accept: MEDIA_TYPE, ...headers },
    )
  }

  /** The request's bytes, one a character. */
  request(channel: string, lastEventId: string): string {
    const resume = lastEventId === '' ? '' : `Last-Event-ID: ${asUtf8(lastEventId)}\r\n`
    return this.#request.head(channel, '', resume)
  }
}
