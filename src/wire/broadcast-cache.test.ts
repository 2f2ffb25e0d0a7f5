import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventCache, HeadCache } from './broadcast-cache.ts'
import { HttpHead } from './http-head.ts'
import { HttpResponseParser, MAX_HEAD_BYTES } from './http-response.ts'
import { oddResponse, plainResponse } from './http-response-random.conformance.ts'
import { parseHere } from './llhttp.conformance.ts'
import { MarkScanner } from './mark.ts'
import { runs } from './random.conformance.ts'

const HEAD = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')

function knownHead(): HeadCache {
  const known = new HeadCache()
  const head = new HttpHead()
  head.status = 200
  head.contentLength = 2
  known.startAt = 6
  known.keep(Buffer.concat([Buffer.from('before'), HEAD]), 6 + HEAD.length, head, 1)
  return known
}

test('knows nothing at first', () => {
  assert.equal(new HeadCache().isAt(HEAD, 0, HEAD.length), false)
})

test('knows the head wherever it stands, by all of its bytes', () => {
  const known = knownHead()
  const padded = Buffer.concat([Buffer.from('x'), HEAD, Buffer.from('ok')])
  assert(known.isAt(padded, 1, padded.length))
  assert.equal(known.isAt(padded, 0, padded.length), false)
  assert.equal(known.isAt(padded, 1, HEAD.length), false, 'cut by the range')
  for (let at = 0; at < HEAD.length; at++) {
    const other = Buffer.from(HEAD)
    other[at] = (other[at] as number) ^ 1
    assert.equal(known.isAt(other, 0, other.length), false, `byte ${at}`)
  }
})

test('has what the head says', () => {
  const { head, framing, length } = knownHead()
  assert.deepEqual([head.status, head.contentLength, framing], [200, 2, 1])
  assert.equal(length, HEAD.length)
})

test('a head too long to keep leaves the one before', () => {
  const known = knownHead()
  known.startAt = 0
  known.keep(Buffer.alloc(2000), 2000, new HttpHead(), 0)
  assert(known.isAt(HEAD, 0, HEAD.length))
})

/** As a client reads that asks for no headers: only then heads are recalled. */
const parse = (...reads: readonly Buffer[]) => parseHere(reads, false)

/** Read so, no head lies within one read: that way knows none. */
const parseByBytes = (stream: Buffer) => parse(...Array.from(stream, (byte) => Buffer.of(byte)))

test('a response reads the same whether its head is known, like a known one, or new', (context) => {
  const streams = fc.oneof(
    plainResponse,
    oddResponse.map(({ sent }) => sent),
  )
  const bits = fc.integer({ min: 1, max: 255 })
  fc.assert(
    fc.property(streams, fc.nat(), bits, (stream, place, flip) => {
      const reference = parseByBytes(stream)
      assert.deepEqual(parse(stream), reference, 'new')
      assert.deepEqual(parse(stream), reference, 'known')
      const other = Buffer.from(stream)
      const at = place % other.length
      other[at] = (other[at] as number) ^ flip
      assert.deepEqual(parse(other), parseByBytes(other), 'like a known one')
    }),
    runs(context, 3_000),
  )
})

test('a known head is held against the limits of its parser', () => {
  const response = Buffer.concat([HEAD, Buffer.from('ok')])
  let bodies = 0
  let completed = 0
  const handler = {
    onHead() {},
    onBody: () => void bodies++,
    onComplete: () => void completed++,
  }
  const read = (parser: HttpResponseParser, bytes: Buffer): number =>
    parser.execute(bytes, 0, bytes.length)
  read(new HttpResponseParser(handler), response)
  assert.deepEqual([bodies, completed], [1, 1], 'from now on it is known')

  const short = new HttpResponseParser(handler, 1)
  assert.throws(() => read(short, response), { code: 'http-body-too-large' })
  for (const [before, passes] of [
    [MAX_HEAD_BYTES - HEAD.length, true],
    [MAX_HEAD_BYTES - HEAD.length + 1, false],
  ] as const) {
    const parser = new HttpResponseParser(handler)
    read(parser, Buffer.alloc(before, '\n'))
    if (passes) read(parser, response)
    else assert.throws(() => read(parser, response), { code: 'http-head-too-large' })
  }
})

test('a callback may read on another connection: each head is its own', () => {
  const other = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')
  const seen: number[] = []
  const inner = new HttpResponseParser({
    onHead: ({ status }) => void seen.push(status),
    onBody() {},
    onComplete() {},
  })
  const outer = new HttpResponseParser({
    onHead({ status }) {
      inner.execute(other, 0, other.length)
      seen.push(status)
    },
    onBody: (_, start, end) => void seen.push(end - start),
    onComplete() {},
  })
  const three = Buffer.concat([HEAD, Buffer.from('ok'), HEAD, Buffer.from('ok'), other])
  for (let time = 0; time < 2; time++) outer.execute(three, 0, three.length)
  assert.deepEqual(seen, [204, 200, 2, 204, 200, 2, 204, 204, 204, 200, 2, 204, 200, 2, 204, 204])
})

/** A read stands at the start of a buffer that is larger. */
function read(bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc(64 * 1024, 0xff)
  buffer.set(bytes)
  return buffer
}

/** Keeps a read that told of one event. */
function keep(cache: EventCache, bytes: Buffer, length: number): void {
  cache.begin()
  cache.tell(new MarkScanner())
  cache.keep(bytes, length, 0, 'id')
}

test('knows nothing at first, nor a read of nothing', () => {
  const known = new EventCache()
  assert.equal(known.is(read(Buffer.alloc(0)), 0, 0), false)
  assert.equal(known.is(read(Buffer.alloc(4)), 4, 0), false)
})

test('knows the read kept last by its length and each of its bytes', () => {
  for (const length of [1, 3, 4, 5, 8, 63, 4096]) {
    const known = new EventCache()
    const bytes = Buffer.from(Array.from({ length }, (_, at) => at * 7 + length))
    keep(known, read(Buffer.alloc(length, 1)), length)
    keep(known, read(bytes), length)
    assert(known.is(read(bytes), length, 0), `${length} bytes`)
    assert.equal(known.is(read(bytes), length - 1, 0), false)
    assert.equal(known.is(read(bytes), length + 1, 0), false)
    for (let at = 0; at < length; at++) {
      const other = read(bytes)
      other[at] = (other[at] as number) ^ 0x80
      assert.equal(known.is(other, length, 0), false, `byte ${at} of ${length}`)
    }
  }
})

test('sees what is read anew into the buffer it has looked at', () => {
  const known = new EventCache()
  const buffer = read(Buffer.from('first read'))
  keep(known, buffer, 10)
  assert(known.is(buffer, 10, 0))
  buffer.write('other text')
  assert.equal(known.is(buffer, 10, 0), false)
})

test('keeps nothing of a read that is too long, and forgets the one before', () => {
  const known = new EventCache()
  const long = read(Buffer.alloc(4097, 1))
  keep(known, long, 4)
  keep(known, long, 4097)
  assert.equal(known.is(long, 4097, 0), false)
  assert.equal(known.is(long, 4, 0), false)
})

test('does not know what stands where words cannot be read', () => {
  const known = new EventCache()
  const bytes = read(Buffer.from('1234'))
  keep(known, bytes, 4)
  const odd = Buffer.from(new ArrayBuffer(64 * 1024), 1)
  odd.write('1234')
  assert.equal(known.is(odd, 4, 0), false)
  assert.equal(known.is(Buffer.from('1234'), 4, 0), false, 'a short one')
  assert(known.is(bytes, 4, 0))
})
