import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { type Log, parse, standard } from './event-stream.conformance.ts'
import { harmed, inReads, runs } from './random.conformance.ts'

/** Parts of lines, which make lines of all kinds and none. */
const fragment = fc.oneof(
  fc.constantFrom('data', 'data:', 'data: ', 'event: ', 'id: ', 'id', 'retry: ', ':', ' ', 'dat'),
  fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n'),
  fc.constantFrom(
    'data: a\n\n',
    'id: 1\ndata: b\n\n',
    'event: x\ndata: c\n\n',
    '\ufeff',
    '\0',
    '12',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.uint8Array({ maxLength: 3 }),
)
const parts = fc
  .array(fragment, { maxLength: 30 })
  .map((texts) => Buffer.concat(texts.map((text) => Buffer.from(text as string))))

const value = fc.oneof(
  fc.constantFrom('', '1', '0042', 'a b', ' two', 'x: y', 'é€💥', 'a\0b'),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '')),
)
const line = fc
  .tuple(
    fc.constantFrom('data', 'data', 'data', 'id', 'event', 'retry', '', 'other', 'Data'),
    fc.constantFrom(': ', ':', ''),
    value,
  )
  .map(([field, colon, text]) => (colon === '' ? field : field + colon + text))

/** Events as servers send them, with one kind of line end a stream, or with all of them. */
const events = fc
  .record({
    mark: fc.constantFrom('', '', '\ufeff'),
    blocks: fc.array(fc.array(line, { maxLength: 5 }), { maxLength: 8 }),
    ends: fc.oneof(
      fc.constantFrom(['\n'], ['\r\n'], ['\r']),
      fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 7 }),
    ),
    unfinished: fc.constantFrom('', '', 'data: lost', 'id: 9\ndata: lost\n'),
  })
  .map(({ mark, blocks, ends, unfinished }) => {
    let at = 0
    const lines = blocks.flatMap((block) => [...block, ''])
    const text = lines.map((one) => one + ends[at++ % ends.length]).join('')
    return Buffer.from(mark + text + unfinished)
  })

const harm = fc.oneof(
  fc
    .constantFrom('', '', '\n', '\r', '\r\n', ':', ' ', '\0', '\ufeff', 'data', 'id', '7')
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
)

const STREAMS = [
  ['events', events],
  ['events with some bytes harmed', harmed(events, harm)],
  ['parts of lines', parts],
] as const

/**
 * What eventsource-parser makes of the reads. It is no EventSource on purpose, and so:
 * - it tells the id of the block only, none of a block without data, where the standard has a last
 *   event id that persists (HTML, 9.2.6): for a block without an id it is taken from the oracle;
 * - it waits for what follows a CR at the end of a read, where a CR ends a line at once here (HTML,
 *   9.2.5): the stream has to end with another line;
 * - it tells a `retry` that is infinite, which no timer takes: it is left out;
 * - it passes over the characters U+00EF U+00BB U+00BF as if they were a byte order mark: such
 *   streams cannot be compared.
 */
function peer(reads: readonly Buffer[], oracle: Log): Omit<Log, 'lastEventId' | 'error'> {
  const log: Omit<Log, 'lastEventId' | 'error'> = { events: [], retries: [], comments: 0 }
  const parser = createParser({
    onEvent: ({ event = '', id, data }) => {
      log.events.push([event, id ?? oracle.events[log.events.length]?.[1] ?? '', data])
    },
    onRetry: (milliseconds) => Number.isFinite(milliseconds) && log.retries.push(milliseconds),
    onComment: () => log.comments++,
  })
  const decoder = new TextDecoder()
  for (const read of reads) parser.feed(decoder.decode(read, { stream: true }))
  return log
}

for (const [name, streams] of STREAMS) {
  test(`${name}, against the standard's own words`, (context) => {
    fc.assert(
      fc.property(inReads(streams), (reads) => {
        assert.deepEqual(parse(reads), standard(Buffer.concat(reads)))
      }),
      runs(context, 3000),
    )
  })

  test(`${name}, against eventsource-parser`, (context) => {
    fc.assert(
      fc.property(inReads(streams), (some) => {
        const reads = [...some, Buffer.from('\n:\n')]
        const stream = Buffer.concat(reads)
        fc.pre(!stream.toString().startsWith('\u00ef\u00bb\u00bf'))
        const { lastEventId, error, ...told } = parse(reads)
        assert.equal(error, '')
        assert.deepEqual(told, peer(reads, standard(stream)))
      }),
      runs(context, 3000),
    )
  })
}
