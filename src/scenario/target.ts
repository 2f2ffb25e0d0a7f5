/**
 * How to speak to a server that is none of rtbench's, as a scenario's `target` describes it. Plain
 * data: it goes to other processes and into results. docs/targets.md explains every key.
 */
export interface TargetDescription {
  /** Null where nothing is to be published. */
  readonly publish: PublishDescription | null
  /** By a transport's name. */
  readonly endpoints: Readonly<Record<string, EndpointDescription>>
}

/** One event is one request. Path, headers and body have the blanks `{channel}` and `{data}`. */
export interface PublishDescription {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  /** With its query, below the URL's path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Statuses that say that the event was taken. */
  readonly accepted: readonly number[]
  /** A text in the body of an answer that says that the event was taken; null where the status does. */
  readonly confirmed?: string | null | undefined
  /** A text in the body of an answer that says that it was not. */
  readonly refused?: string | null | undefined
  /** Connections among which the channels are divided. */
  readonly connections: number
}

/** What a client of one transport says and hears. Each transport tells which keys mean something. */
export interface EndpointDescription {
  /**
   * With its query, below the URL's path. Blanks: `{channel}`, as in headers, and of requests that are
   * held `{hold}`, the milliseconds for which that is asked.
   */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses, beside 200, of answers without an event. */
  readonly empty?: readonly number[] | undefined
  /** What becomes of a request without a cursor when there is no event. */
  readonly first?: 'answered' | 'held' | undefined
  /** What of an answer goes into the next request. */
  readonly cursor?: readonly CursorPart[] | undefined
  /** How the server says that it cannot replay everything. */
  readonly gap?: string | null | undefined
  /** The message that subscribes; null where connecting does. Blank: `{channel}`. */
  readonly subscribe?: string | null | undefined
  /** The same after a cut; blanks: `{channel}` and `{id}`, that of the newest event. */
  readonly resume?: string | null | undefined
  /** Fields of messages that hold an event's id; the first that a message has counts. */
  readonly ids?: readonly string[] | undefined
  /** A text in the message that confirms the subscription; null where nothing does. */
  readonly subscribed?: string | null | undefined
  /** A text in the message that refuses it. */
  readonly refused?: string | null | undefined
}

/** `{from: 'header Etag', to: 'header If-None-Match'}` */
export interface CursorPart {
  /** `header NAME` of an answer, or `field NAME` of its JSON body. */
  readonly from: string
  /** `header NAME` or `query NAME` of the next request. */
  readonly to: string
}

export type EndpointKey = keyof EndpointDescription

/** Whether a server as described can be asked for how long it holds a request. */
export function takesHold({ path }: Pick<EndpointDescription, 'path'>): boolean {
  return path.includes('{hold}')
}

/** What is told of the keys of `target.publish`; docs/targets.md says more. */
export const PUBLISH_NOTES: Readonly<Record<keyof PublishDescription, string>> = {
  method: 'POST, PUT or PATCH',
  path: 'path and query, such as /pub/{channel}',
  headers: 'a map of headers',
  body: 'with {data}, in quotes where it is JSON',
  accepted: 'statuses that say that the event was taken: 200, 201, 202 and 204 by default',
  confirmed: 'a text in the body of every answer that says that the event was taken',
  refused: 'a text in the body of an answer that says that it was not, such as \'"error":\'',
  connections: 'connections to publish on, 1 to 256',
}

/** What is told of the keys of an endpoint; docs/targets.md says more. */
export const ENDPOINT_NOTES: Readonly<Record<EndpointKey, string>> = {
  path: "path and query of a client's request, such as /events/{channel}",
  headers: 'a map of headers, such as a cookie; Authorization replaces the token',
  empty: 'statuses, beside 200, of answers without an event',
  first: 'what becomes of a request without a cursor when there is no event: answered, or held',
  cursor: 'what of an answer goes into the next request: a list of from and to',
  gap: 'how the server says that it cannot replay all that a client missed',
  subscribe: 'the text message that subscribes; null where connecting does',
  resume: 'what is sent after a cut instead of subscribe; {id} is the newest id',
  ids: "fields of messages that hold an event's id; the first that is there counts",
  subscribed: 'a text within the message that confirms the subscription',
  refused: 'a text within the message that refuses it',
}

export const ENDPOINT_KEYS = Object.keys(ENDPOINT_NOTES) as readonly EndpointKey[]
