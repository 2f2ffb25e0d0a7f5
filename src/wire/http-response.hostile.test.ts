import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { HttpResponseParser, MAX_HEAD_BYTES, type ResponseHandler } from './http-response.ts'
import type { WireErrorCode } from './wire-error.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const MAX_BODY_BYTES = 1024 * 1024

/** Counts what it is told; `during` runs in every callback. */
class Counter implements ResponseHandler {
  heads = 0
  bodyBytes = 0
  completed = 0
  during: (callback: string) => void = () => {}

  onHeader(): void {
    this.during('header')
  }
  onHead(): void {
    this.heads++
    this.during('head')
  }
  onBody(_bytes: Buffer, start: number, end: number): void {
    this.bodyBytes += end - start
    this.during('body')
  }
  onComplete(): void {
    this.completed++
    this.during('complete')
  }
}

function execute(parser: HttpResponseParser, text: string): number {
  const bytes = Buffer.from(text, 'latin1')
  return parser.execute(bytes, 0, bytes.length)
}

suite('a hostile server', () => {
  /** What comes first, what then comes without end. */
  const endless: readonly (readonly [string, WireErrorCode, string, string])[] = [
    ['reason phrase', 'http-head-too-large', 'HTTP/1.1 200 ', 'x'],
    ['name of a field', 'http-head-too-large', OK, 'x'],
    ['value of a field', 'http-head-too-large', `${OK}A: `, 'x'],
    ['blanks in a field', 'http-head-too-large', `${OK}A:`, ' '],
    ['folds', 'http-head-too-large', `${OK}A: b`, '\r\n c'],
    ['fields', 'http-head-too-large', OK, 'A: b\r\n'],
    ['interim responses', 'http-head-too-large', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['empty lines', 'http-head-too-large', '', '\r\n'],
    ['chunk extension', 'http-head-too-large', `${CHUNKED}5;`, 'x'],
    ['blanks after a chunk size', 'http-head-too-large', `${CHUNKED}5`, ' '],
    ['zeros of a chunk size', 'http-head-too-large', CHUNKED, '0'],
    ['trailers', 'http-head-too-large', `${CHUNKED}0\r\n`, 'A: b\r\n'],
    ['chunks', 'http-body-too-large', CHUNKED, '4\r\nabcd\r\n'],
    ['body until close', 'http-body-too-large', `${OK}\r\n`, 'abcdefgh'],
  ]
  for (const [name, code, first, then] of endless) {
    for (const repeats of [1, 1000]) {
      test(`endless ${name}, ${repeats} at a time`, () => {
        const counter = new Counter()
        const parser = new HttpResponseParser(counter, MAX_BODY_BYTES)
        const piece = Buffer.from(then.repeat(repeats))
        const limit = code === 'http-head-too-large' ? MAX_HEAD_BYTES : MAX_BODY_BYTES
        let taken = 0
        if (first !== '') execute(parser, first)
        const feed = () => {
          // A chunk's framing comes on top of its data.
          while (taken < limit * 3) {
            parser.execute(piece, 0, piece.length)
            taken += piece.length
          }
        }
        assert.throws(feed, { name: 'WireError', code })
        assert.ok(taken >= limit - piece.length - first.length, `refused after ${taken} bytes`)
        assert.ok(counter.bodyBytes <= MAX_BODY_BYTES)
      })
    }
  }

  const outright: readonly (readonly [string, WireErrorCode, string, number?])[] = [
    ['a length beyond the limit', 'http-body-too-large', `${OK}Content-Length: 1048577\r\n\r\n`],
    ['a chunk beyond the limit', 'http-body-too-large', `${CHUNKED}100001\r\n`],
    [
      'chunks beyond the limit',
      'http-body-too-large',
      `${CHUNKED}1\r\nx\r\n${'1\r\ny\r\n'.repeat(9)}100000\r\n`,
    ],
    ['a chunk of 2^64 - 1', 'http-syntax', `${CHUNKED}FFFFFFFFFFFFFFFF\r\n`],
    [
      'a chunk of 2^64 - 1 without a limit',
      'http-syntax',
      `${CHUNKED}FFFFFFFFFFFFFFFF\r\n`,
      Number.POSITIVE_INFINITY,
    ],
    [
      'a chunk of 2^53 without a limit',
      'http-syntax',
      `${CHUNKED}20000000000000\r\n`,
      Number.POSITIVE_INFINITY,
    ],
    ['a head beyond the limit', 'http-head-too-large', `${OK}A: ${'x'.repeat(16384)}`],
  ]
  for (const [name, code, text, limit = MAX_BODY_BYTES] of outright) {
    test(name, () => {
      const counter = new Counter()
      const parser = new HttpResponseParser(counter, limit)
      assert.throws(() => execute(parser, text), { name: 'WireError', code })
      assert.equal(counter.completed, 0)
    })
  }

  test('a length beyond the limit where none is given', () => {
    const parser = new HttpResponseParser(new Counter())
    const beyond = `${OK}Content-Length: 16777217\r\n\r\n`
    assert.throws(() => execute(parser, beyond), { code: 'http-body-too-large' })
  })

  test('is refused from then on, until reset', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter)
    assert.throws(() => execute(parser, 'nonsense'), { code: 'http-syntax' })
    assert.throws(() => execute(parser, `${OK}\r\n`), { code: 'http-syntax' })
    parser.finish()
    parser.reset()
    execute(parser, `${OK}\r\n`)
    parser.finish()
    assert.equal(counter.completed, 1)
  })
})

suite('limits', () => {
  const head = `${OK}Content-Length: 5\r\n\r\n`
  /** Just as long as a head may be, or longer. */
  const padded = (more: number): string => {
    const name = 'A: '
    const length = MAX_HEAD_BYTES - head.length - name.length - 2 + more
    return `${OK}${name}${'x'.repeat(length)}\r\n${head.slice(OK.length)}`
  }
  const cuts = [0, 5, OK.length + 3, MAX_HEAD_BYTES - 3, MAX_HEAD_BYTES - 1]
  for (const cut of cuts) {
    test(`a head of just as many bytes passes, cut at ${cut}`, () => {
      for (const [text, passes] of [
        [padded(0), true],
        [padded(1), false],
      ] as const) {
        const counter = new Counter()
        const parser = new HttpResponseParser(counter)
        const feed = () => {
          // The second response shows that the count begins again.
          for (let i = 0; i < 2; i++) {
            execute(parser, text.slice(0, cut))
            execute(parser, `${text.slice(cut)}hello`)
          }
        }
        if (passes) feed()
        else assert.throws(feed, { code: 'http-head-too-large' })
        assert.equal(counter.completed, passes ? 2 : 0)
      }
    })
  }

  test('trailers do not count for the next head', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter)
    const trailers = `A: ${'b'.repeat(MAX_HEAD_BYTES - 7)}\r\n\r\n`
    for (let i = 0; i < 2; i++) execute(parser, `${CHUNKED}0\r\n${trailers}`)
    assert.equal(counter.completed, 2)
    assert.throws(() => execute(parser, `${CHUNKED}0\r\nB${trailers}`), {
      code: 'http-head-too-large',
    })
  })

  test('a body of just as many bytes passes', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter, 5)
    execute(parser, `${head}hello`)
    execute(parser, `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`)
    execute(parser, `${OK}\r\nhello`)
    parser.finish()
    assert.equal(counter.completed, 3)
    assert.equal(counter.bodyBytes, 15)
  })

  test('a stream may go on when there is none', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter, Number.POSITIVE_INFINITY)
    execute(parser, CHUNKED)
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
    for (let i = 0; i < 300; i++) parser.execute(chunk, 0, chunk.length)
    assert.equal(counter.bodyBytes, 300 * 0x10000)
  })

  test('a chunk of 2^53 - 1 is waited for when there is none', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter, Number.POSITIVE_INFINITY)
    execute(parser, `${CHUNKED}1fffffffffffff\r\nhello`)
    assert.equal(counter.bodyBytes, 5)
    assert.throws(() => parser.finish(), { code: 'http-closed-early' })
  })
})

suite('from a callback', () => {
  const response = `${OK}A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`
  const stream = Buffer.from(response + response)

  for (const callback of ['header', 'head', 'body', 'complete']) {
    for (const cut of [0, 20]) {
      test(`reset() in ${callback} stops and forgets, cut at ${cut}`, () => {
        const counter = new Counter()
        const parser = new HttpResponseParser(counter)
        parser.wantsHeaders = true
        let calls = 0
        counter.during = (now) => {
          if (now !== callback) return
          calls++
          parser.reset()
        }
        for (let i = 1; i <= 2; i++) {
          const afterCut = parser.execute(stream, 0, cut)
          assert.equal(afterCut, cut)
          const stopped = parser.execute(stream, cut, stream.length)
          assert.ok(stopped < stream.length)
          assert.equal(calls, i)
          assert.equal(parser.status, 0)
          parser.finish()
        }
      })
    }
  }

  test('an error passes through, and the parser refuses what follows', () => {
    const counter = new Counter()
    const parser = new HttpResponseParser(counter)
    counter.during = () => {
      throw new Error('of the handler')
    }
    assert.throws(() => execute(parser, response), /of the handler/)
    assert.throws(() => execute(parser, response), { code: 'http-syntax' })
    assert.equal(counter.heads, 1)
  })
})

test('reset() forgets a head under way', () => {
  const counter = new Counter()
  const parser = new HttpResponseParser(counter)
  execute(parser, `${OK}Content-Length: 9\r\nConnection: clo`)
  parser.reset()
  execute(parser, `${OK}Content-Length: 5\r\n\r\nhello`)
  assert.equal(counter.bodyBytes, 5)
  assert.equal(counter.completed, 1)
  assert.equal(parser.keepAlive, true)
})

test('nothing is read after a 101, whatever execute() is given', () => {
  const parser = new HttpResponseParser(new Counter())
  const text = Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\nrest')
  assert.equal(parser.execute(text, 0, text.length), text.length - 4)
  assert.equal(parser.execute(text, 7, text.length), 7)
  parser.finish()
})
