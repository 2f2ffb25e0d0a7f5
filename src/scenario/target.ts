/**
 * How to speak to a server that is none of rtbench's, as a scenario's `target` describes it: plain data,
 * which goes to other processes and into results. docs/targets.md explains every key.
 */
import { z } from 'zod'
import { choice, complain, complaint, KEPT, map, statuses, time, words } from './field.ts'
import { carriesCursor, refuseBlanks, refuseHeader } from './http.ts'
import { isStarred } from './secret.ts'
import { type TransportNames, transportMeant } from './transport-name.ts'
import type { Refusal } from './units.ts'
import { duration, HOUR } from './values.ts'

const MOST_TEXT = 64 * 1024
const MOST_CONNECTIONS = 256

const notConnections = complain('is no such count', `a whole number from 1 to ${MOST_CONNECTIONS}`)

/** One event is one request. Path, headers and body have the blanks `{channel}` and `{data}`. */
const publish = map('a map with a path', {
  method: choice(['POST', 'PUT', 'PATCH']).default('POST'),
  path: path(['channel', 'data']),
  headers: headers(['channel', 'data']).default({}),
  body: text('a text with {data} and {channel}', ['channel', 'data']).default('{data}'),
  // With none at all, every event would count as dropped.
  accepted: statuses('statuses such as [200, 202]', 1).default([200, 201, 202, 204]),
  confirmed: text('a text', []).nullish(),
  refused: text('a text', []).nullish(),
  connections: z
    .int({ error: notConnections })
    .min(1, { error: notConnections })
    .max(MOST_CONNECTIONS, { error: notConnections })
    .default(8),
}).superRefine((given, context) => {
  const texts = [given.path, given.body, ...Object.values(given.headers)]
  if (texts.some((one) => one.includes('{data}'))) return
  const message = `no {data} in what is published; expected it in the body, such as '{"text":"{data}"}'`
  context.addIssue({ code: 'custom', message, path: ['body'] })
})

/** Of requests that are held `{hold}` is a blank, too: the milliseconds for which that is asked. */
const heldPath = path(['channel', 'hold'])

/** All that an endpoint may say; a transport knows some of it. */
const fields = {
  path: path(['channel']),
  headers: headers(['channel']).optional(),
  empty: statuses('statuses such as [304]').optional(),
  first: choice(['answered', 'held']).optional(),
  cursor: z
    .array(
      map('a map of from and to', {
        from: words('header NAME or field NAME', refuseSource),
        to: words('header NAME or query NAME', refuseDestination),
      }),
      {
        error: complain('is not a list', "a list such as [{from: 'field id', to: 'query since'}]"),
      },
    )
    .superRefine(refuseTwice)
    .optional(),
  gap: text('a text', []).nullish(),
  silence: time('a duration from 100ms to 1h, such as 45s', duration(100, HOUR)).optional(),
  subscribe: text('a message such as \'{"subscribe":"{channel}"}\'', ['channel']).nullish(),
  resume: text('a message with {id}', ['channel', 'id']).nullish(),
  ids: z
    .array(words('the name of a field', refuseField), {
      error: complain('is not a list', 'a list of fields such as [id]'),
    })
    .optional(),
  subscribed: text('a text', []).nullish(),
  refused: text('a text', []).nullish(),
}

export type PublishDescription = Readonly<z.output<typeof publish>>
export type EndpointKey = keyof typeof fields
/** What a client of one transport says and hears. Each transport tells which keys mean something. */
export type EndpointDescription = Readonly<z.output<z.ZodObject<typeof fields>>>
export type CursorPart = NonNullable<EndpointDescription['cursor']>[number]

export interface TargetDescription {
  /** Null where nothing is to be published. */
  readonly publish: PublishDescription | null
  /** By a transport's name. */
  readonly endpoints: Readonly<Record<string, EndpointDescription>>
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
  silence:
    'the longest that nothing comes from a healthy server, such as 45s: then the client connects anew',
  subscribe: 'the text message that subscribes; null where connecting does',
  resume: 'what is sent after a cut instead of subscribe; {id} is the newest id',
  ids: "fields of messages that hold an event's id; the first that is there counts",
  subscribed: 'a text within the message that confirms the subscription',
  refused: 'a text within the message that refuses it',
}

/** The shape of a `target`: how to publish, and an endpoint for every transport that is described. */
export function targetSchema(
  names: TransportNames,
  keysOf: (transport: string) => readonly EndpointKey[],
): z.ZodType<TargetDescription, Readonly<Record<string, unknown>>> {
  const { transportNames } = names
  const endpoints = transportNames.map((name) => {
    const known = new Set<string>(keysOf(name))
    const own = Object.entries(fields).filter(([key]) => known.has(key))
    // Who says what becomes of a request without a cursor has requests that are held.
    const shape = Object.fromEntries(known.has('first') ? [...own, ['path', heldPath]] : own)
    return [name, map('a map with a path', shape).superRefine(refuseIdless).optional()] as const
  })
  const described = map(
    `a map in a scenario file, of publish and some of ${transportNames.join(', ')}`,
    { publish: publish.optional(), ...Object.fromEntries(endpoints) },
  ).transform((given, context): TargetDescription => {
    const { publish: published, ...described } = given
    const isEmpty = Object.values(described).every((endpoint) => endpoint === undefined)
    // One that is misspelt is told as such, and only so.
    if (isEmpty && context.issues.length === 0) {
      const message = `no transport is described; expected some of ${transportNames.join(', ')}`
      context.addIssue({ code: 'custom', message })
    }
    // The shape was picked by key, which the compiler cannot follow.
    return { publish: published ?? null, endpoints: described as TargetDescription['endpoints'] }
  })
  return z.preprocess((given) => namedAsHere(given, names), described)
}

/** The map with each transport by its name here, unless that is there, too: then one is unknown. */
function namedAsHere(given: unknown, names: TransportNames): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const named = new Map<string, unknown>()
  for (const [key, value] of Object.entries(given)) {
    const name = transportMeant(key, names)
    named.set(Object.hasOwn(given, name) || named.has(name) ? key : name, value)
  }
  return Object.fromEntries(named)
}

const keptHeaders = z.record(KEPT.text, KEPT.text)
/** What a result keeps of it; what looks like a secret is starred. */
export const keptTarget = keptMap({
  publish: keptMap({
    method: KEPT.text,
    path: KEPT.text,
    headers: keptHeaders,
    body: KEPT.text,
  }).nullable(),
  endpoints: z.record(KEPT.text, keptMap({ path: KEPT.text, headers: keptHeaders.optional() })),
})

/** A map that keeps the keys it does not know, and yet is typed by the known ones alone. */
function keptMap<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape)
}

/** Two parts of a cursor in one place of the next request. */
function refuseTwice(parts: readonly { readonly to: string }[], context: z.RefinementCtx): void {
  const places = parts.map(({ to }) => (to.startsWith('header ') ? to.toLowerCase() : to))
  for (const [index, place] of places.entries()) {
    if (places.indexOf(place) === index) continue
    const message = complaint(parts[index]?.to, 'is given twice', 'a place for each part')
    context.addIssue({ code: 'custom', message, path: [index, 'to'] })
  }
}

/** A message that is to carry an id which no message tells. */
function refuseIdless(
  { resume, ids = [] }: { readonly resume?: unknown; readonly ids?: unknown },
  context: z.RefinementCtx,
): void {
  if (typeof resume !== 'string' || !resume.includes('{id}')) return
  if (!Array.isArray(ids) || ids.length > 0) return
  const message = `{id} in what resumes, and nothing says where it is found; expected ids, such as [id]`
  context.addIssue({ code: 'custom', message, path: ['resume'] })
}

function headers(blanks: readonly string[]) {
  return (
    z
      // What is not as it should be may be a secret all the same, and is not shown.
      .record(
        z.string(),
        z.string({ error: 'a value that is no text; expected a text in quotes' }),
        {
          error: 'not a map of headers; expected lines such as Content-Type: text/plain',
        },
      )
      .superRefine((given, context) => {
        const names = new Set<string>()
        for (const [name, value] of Object.entries(given)) {
          const twice = names.has(name.toLowerCase()) ? { problem: 'is given twice' } : null
          names.add(name.toLowerCase())
          const refusal = twice ?? refuseHeader(name, value, blanks) ?? refuseStarred(value)
          if (refusal === null) continue
          const expected = 'a header such as Content-Type: text/plain'
          const message = complaint(name, refusal.problem, expected)
          context.addIssue({ code: 'custom', message, path: [name] })
        }
      })
  )
}

function path(blanks: readonly string[]) {
  const expected = `a path such as /events/{channel}, below that of the url`
  return words(expected, (given) => {
    if (!given.startsWith('/')) return { problem: 'does not begin with a /' }
    if (given.length > 4096) return { problem: 'is too long' }
    if (!/^[!-~]*$/.test(given)) {
      return { problem: 'has a blank, or a character beyond ASCII, that is not percent-encoded' }
    }
    if (given.includes('#')) return { problem: 'has a fragment' }
    return refuseBlanks(given, blanks) ?? refuseStarred(given)
  })
}

function text(expected: string, blanks: readonly string[]) {
  return words(expected, (given) => {
    if (given === '') return { problem: 'is empty' }
    if (given.length > MOST_TEXT) return { problem: 'is too long' }
    return refuseBlanks(given, blanks) ?? refuseStarred(given)
  })
}

/** What came from a printed scenario, or from a result. */
function refuseStarred(given: string): Refusal | null {
  return isStarred(given) ? { problem: 'has a secret that rtbench starred; write it out' } : null
}

function refuseSource(given: string): Refusal | null {
  const [, kind, name = ''] = /^(header|field) (.+)$/s.exec(given) ?? []
  if (kind === undefined) return { problem: 'says neither header nor field' }
  return kind === 'field' ? refuseField(name) : refuseCursorHeader(name)
}

function refuseDestination(given: string): Refusal | null {
  const [, kind, name = ''] = /^(header|query) (.+)$/s.exec(given) ?? []
  if (kind === undefined) return { problem: 'says neither header nor query' }
  if (kind === 'query') {
    return /^[\w.~-]+$/.test(name) ? null : { problem: 'names no parameter of letters and digits' }
  }
  return carriesCursor(name) ? refuseCursorHeader(name) : { problem: 'is a header of rtbench' }
}

function refuseCursorHeader(name: string): Refusal | null {
  return /^[A-Za-z\d-]+$/.test(name) ? null : { problem: 'names no header of letters and digits' }
}

function refuseField(name: string): Refusal | null {
  return /^[^"\\\p{Cc}]{1,64}$/u.test(name) ? null : { problem: 'names no field' }
}
