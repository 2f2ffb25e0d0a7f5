import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from './event-stream.conformance.ts'
import { EventStreamParser } from './event-stream.ts'
import { heldBytes, parseAnyhow } from './reads.conformance.ts'

describe('limits', () => {
  const cases: [name: string, stream: string, events: number, error: string][] = [
    ['a line as long as allowed', `data:${'x'.repeat(15)}\n\n`, 1, ''],
    ['a line too long', `data:${'x'.repeat(16)}\n\n`, 0, 'sse-line-too-long'],
    ['a comment too long', `data: a\n\n:${'x'.repeat(20)}\n`, 1, 'sse-line-too-long'],
    ['an endless line', `data: a\n\ndata: ${'x'.repeat(30)}`, 1, 'sse-line-too-long'],
    ['data as long as allowed', `data:${'x'.repeat(15)}\ndata:1234\n\n`, 1, ''],
    ['data too long', `data:${'x'.repeat(15)}\ndata:12345\n\n`, 0, 'sse-event-too-large'],
    ['many empty lines of data', 'data\n'.repeat(25), 0, 'sse-event-too-large'],
    ['many small events', 'data:12345\n\n'.repeat(10), 10, ''],
  ]
  for (const [name, stream, events, error] of cases) {
    test(name, () => {
      const log = parseAnyhow(Buffer.from(stream), (reads) => parse(reads, 20))
      assert.equal(log.events.length, events)
      assert.equal(log.error, error)
    })
  }

  test('an id that nobody could send back is refused', () => {
    const log = (length: number) => parse([Buffer.from(`id: ${'x'.repeat(length)}\ndata\n\n`)])
    assert.deepEqual([log(1024).error, log(1024).events.length], ['', 1])
    assert.deepEqual([log(1025).error, log(1025).events.length], ['cursor-too-long', 0])
  })

  test('an endless line costs at most the limit', () => {
    const parser = new EventStreamParser({ onEvent: () => assert.fail() })
    const read = Buffer.alloc(64 * 1024, 'x')
    for (let fed = 0; fed < 16; fed++) parser.execute(read, 0, read.length)
    assert.throws(() => parser.execute(read, 0, 1), { code: 'sse-line-too-long' })
    parser.execute(Buffer.from('\n\ndata: a\n\n'), 0, 11)
  })

  test('a million fields cost nothing', () => {
    let data = ''
    const parser = new EventStreamParser({
      onEvent: (bytes, start, end) => {
        data += bytes.toString('utf8', start, end)
      },
    })
    const fields = Buffer.from('x: y\nid: 1\nevent: z\n:\n'.repeat(1000))
    const before = process.memoryUsage().arrayBuffers
    for (let fed = 0; fed < 250; fed++) parser.execute(fields, 0, fields.length)
    assert(process.memoryUsage().arrayBuffers - before < 1024 * 1024)
    const end = Buffer.from('data: a\n\n')
    parser.execute(end, 0, end.length)
    assert.equal(data, 'a')
  })

  test('nothing is held of what has been read', () => {
    const long = 'x'.repeat(50_000)
    for (const parts of [
      [`: ${long}`, '\n'],
      ['data: a\n', `data: ${long}`, '\n\n'],
    ]) {
      const before = heldBytes()
      const parsers = Array.from({ length: 100 }, () => new EventStreamParser({ onEvent() {} }))
      for (const parser of parsers) {
        for (const part of parts) parser.execute(Buffer.from(part), 0, part.length)
      }
      assert(heldBytes() - before < 1024 * 1024)
      assert.equal(parsers.length, 100)
    }
  })
})

describe('a connection’s end', () => {
  const twice = Buffer.from('id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n: c\nretry: 5\ndata: d')

  test('stopped inside a callback, nothing more is told', () => {
    const seen: string[] = []
    const stop = (what: string, parser: EventStreamParser, at: string) => {
      seen.push(what)
      parser.stopped = what === at
    }
    for (const at of ['1', '2', 'comment', 'retry']) {
      seen.length = 0
      const parser: EventStreamParser = new EventStreamParser({
        onEvent: () => stop(parser.lastEventId, parser, at),
        onComment: () => stop('comment', parser, at),
        onRetry: () => stop('retry', parser, at),
      })
      parser.execute(twice, 0, twice.length)
      parser.execute(twice, 0, twice.length)
      assert.equal(seen.indexOf(at), seen.length - 1)
    }
  })

  test('reset forgets the incomplete event and keeps the last id', () => {
    const seen: string[] = []
    const parser = new EventStreamParser({
      onEvent: (bytes, start, end, { lastEventId }) =>
        seen.push(lastEventId + bytes.toString('utf8', start, end)),
    })
    const next = Buffer.from('\ufeffdata: e\n\n')
    for (let at = 30; at <= twice.length; at++) {
      parser.execute(twice, 0, at)
      parser.reset()
      assert.equal(parser.lastEventId, '2')
      parser.execute(next, 0, next.length)
      assert.deepEqual(seen.splice(0), ['1a', '2b', '2e'], `cut at ${at}`)
      parser.reset()
    }
  })

  test('a handler may throw', () => {
    const parser = new EventStreamParser({
      onEvent: () => {
        throw new Error('no more')
      },
    })
    assert.throws(() => parser.execute(twice, 0, twice.length), /no more/)
    parser.reset()
    assert.throws(() => parser.execute(twice, 0, twice.length), /no more/)
    assert.equal(parser.lastEventId, '1')
  })
})
