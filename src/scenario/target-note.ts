import type { EndpointKey, PublishDescription } from './target.ts'

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
