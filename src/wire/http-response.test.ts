import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { HttpResponseParser, type ResponseHandler } from './http-response.ts'
import { WireError } from './wire-error.ts'

interface Options {
  readonly wantsHeaders?: boolean
}

/** Tells in strings what a parser says, so that a table can show it. */
class Recorder implements ResponseHandler {
  readonly said: string[] = []
  readonly headers: string[] = []
  #head = ''
  #body = ''

  onHeader(bytes: Buffer, nameStart: number, nameEnd: number, from: number, to: number): void {
    this.headers.push(
      `${bytes.toString('latin1', nameStart, nameEnd)}=${bytes.toString('latin1', from, to)}`,
    )
  }

  onHead(parser: HttpResponseParser): void {
    const framing = parser.chunked ? 'chunked' : parser.contentLength
    this.#head = `${parser.status} ${framing} ${parser.keepAlive ? 'keep' : 'close'}`
    this.#body = ''
    this.said.push(`${this.#head}…`)
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    assert.ok(end > start, 'pieces are not empty')
    this.#body += bytes.toString('latin1', start, end)
  }

  onComplete(): void {
    this.said.pop()
    this.said.push(`${this.#head} ${JSON.stringify(this.#body)}`)
  }
}

/**
 * Parses the pieces, each from the same buffer, which is scribbled over in between, then closes.
 * Ends with what was thrown, or with what belongs to another protocol.
 */
function parse(pieces: readonly Buffer[], options: Options = {}): Recorder {
  const recorder = new Recorder()
  const parser = new HttpResponseParser(recorder)
  parser.wantsHeaders = options.wantsHeaders ?? false
  const margin = 3
  const shared = Buffer.alloc(Math.max(0, ...pieces.map((piece) => piece.length)) + 2 * margin)
  let rest = ''
  try {
    for (const piece of pieces) {
      shared.fill('\n')
      piece.copy(shared, margin)
      const end = margin + piece.length
      const stopped = parser.execute(shared, margin, end)
      assert.deepEqual(shared.subarray(margin, end), piece, 'the bytes are not changed')
      rest += shared.toString('latin1', stopped, end)
    }
    parser.finish()
  } catch (error) {
    assert.ok(error instanceof WireError, String(error))
    recorder.said.push(`! ${error.code}`)
  }
  if (rest !== '') recorder.said.push(`rest ${JSON.stringify(rest)}`)
  return recorder
}

/** Parses in one piece, in two by every boundary and byte by byte; all must tell the same. */
function parseAllWays(text: string, options: Options = {}): Recorder {
  const bytes = Buffer.from(text, 'latin1')
  const whole = parse([bytes], options)
  const same = (pieces: Buffer[], how: string) => {
    const other = parse(pieces, options)
    assert.deepEqual(other.said, whole.said, how)
    assert.deepEqual(other.headers, whole.headers, how)
  }
  for (let at = 0; at <= bytes.length; at++) {
    same([bytes.subarray(0, at), bytes.subarray(at)], `cut at ${at}`)
  }
  same(
    Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    'byte by byte',
  )
  return whole
}

/** Name, what is sent, what the parser says. */
type Case = readonly [name: string, bytes: string, said: readonly string[], options?: Options]

function table(cases: readonly Case[]): void {
  for (const [name, bytes, said, options] of cases) {
    test(name, () => assert.deepEqual(parseAllWays(bytes, options).said, said))
  }
}

const OK = 'HTTP/1.1 200 OK\r\n'
const FIVE = 'Content-Length: 5\r\n\r\nhello'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const HELLO = '200 5 keep "hello"'
const CHUNKED_HELLO = '200 chunked keep "hello"'
const REFUSED = ['! http-syntax']
const CUT_CHUNKED = ['200 chunked keep…', '! http-syntax']

suite('status line', () => {
  table([
    ['with a reason', `${OK}${FIVE}`, [HELLO]],
    ['without a reason', `HTTP/1.1 200 \r\n${FIVE}`, [HELLO]],
    ['without a reason and its space', `HTTP/1.1 200\r\n${FIVE}`, [HELLO]],
    ['with any bytes for a reason', `HTTP/1.1 200 \x01\xe9\t\x7f x\r\n${FIVE}`, [HELLO]],
    ['of a later minor version', `HTTP/1.2 200 OK\r\n${FIVE}`, [HELLO]],
    ['with a status nobody knows', `HTTP/1.1 999 Eh\r\n${FIVE}`, ['999 5 keep "hello"']],
    ['after empty lines', `\r\n\n\r\n${OK}${FIVE}`, [HELLO]],
    ['after a space', ` ${OK}${FIVE}`, REFUSED],
    ['in lower case', `http/1.1 200 OK\r\n${FIVE}`, REFUSED],
    ['of HTTP/2', `HTTP/2.0 200 OK\r\n${FIVE}`, REFUSED],
    ['of another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', REFUSED],
    ['with two spaces', `HTTP/1.1  200 OK\r\n${FIVE}`, REFUSED],
    ['with two digits', `HTTP/1.1 20 OK\r\n${FIVE}`, REFUSED],
    ['with four digits', `HTTP/1.1 2000 OK\r\n${FIVE}`, REFUSED],
    ['with a tab after the code', `HTTP/1.1 200\tOK\r\n${FIVE}`, REFUSED],
    ['ended by a bare line feed', `HTTP/1.1 200 OK\n${FIVE}`, REFUSED],
    ['without reason, ended by a line feed', `HTTP/1.1 200\n${FIVE}`, REFUSED],
    ['with a bare carriage return', `HTTP/1.1 200 O\rK\r\n${FIVE}`, REFUSED],
  ])
})

suite('header fields', () => {
  table([
    ['names in any case', `${OK}cOnTent-LENGTH: 5\r\n\r\nhello`, [HELLO]],
    ['no space after the colon', `${OK}Content-Length:5\r\n\r\nhello`, [HELLO]],
    ['blanks around a value', `${OK}Content-Length: \t 5 \t\r\n\r\nhello`, [HELLO]],
    ['a folded length', `${OK}Content-Length:\r\n \r\n\t5\r\n \r\n\r\nhello`, [HELLO]],
    ['a fold that breaks a length', `${OK}Content-Length: 5\r\n 5\r\n\r\nhello`, REFUSED],
    ['obs-text in a value', `${OK}A: \x80\xff\r\n${FIVE}`, [HELLO]],
    ['names that only look alike', `${OK}Content\rLength: 7\r\n${FIVE}`, REFUSED],
    ['names of the same length', `${OK}Content-Lengti: 7\r\n${FIVE}`, [HELLO]],
    ['a blank before the colon', `${OK}Content-Length : 5\r\n\r\nhello`, REFUSED],
    ['a blank before the first field', `${OK} A: b\r\n${FIVE}`, REFUSED],
    ['no name', `${OK}: b\r\n${FIVE}`, REFUSED],
    ['no colon', `${OK}abc\r\n${FIVE}`, REFUSED],
    ['a name outside ASCII', `${OK}\xc4: b\r\n${FIVE}`, REFUSED],
    ['a control character in a value', `${OK}A: b\x01\r\n${FIVE}`, REFUSED],
    ['NUL in a value', `${OK}A: \0\r\n${FIVE}`, REFUSED],
    ['DEL in a value', `${OK}A: b\x7f\r\n${FIVE}`, REFUSED],
    ['a bare carriage return', `${OK}A: b\rc\r\n${FIVE}`, REFUSED],
    ['a bare line feed', `${OK}A: b\n${FIVE}`, REFUSED],
    ['a bare line feed for the empty line', `${OK}Content-Length: 5\r\n\nhello`, REFUSED],
    ['a carriage return for the empty line', `${OK}Content-Length: 5\r\n\rhello`, REFUSED],
  ])

  test('are offered with their names as sent, values trimmed and unfolded', () => {
    const text =
      'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n' +
      `${OK}Set-Cookie: a=1\r\nsEt-cookie:b=2 \t\r\nEmpty:\r\nBlank: \t \r\nFold: a\r\n\tb \r\n  c\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: t\r\n\r\n${OK}Late: 1\r\n${FIVE}`
    assert.deepEqual(parseAllWays(text, { wantsHeaders: true }).headers, [
      'Set-Cookie=a=1',
      'sEt-cookie=b=2',
      'Empty=',
      'Blank=',
      'Fold=a  \tb     c',
      'Transfer-Encoding=chunked',
      'Late=1',
      'Content-Length=5',
    ])
    assert.deepEqual(parseAllWays(text).headers, [])
  })
})

suite('Content-Length', () => {
  table([
    ['zero', `${OK}Content-Length: 0\r\n\r\n`, ['200 0 keep ""']],
    ['leading zeros', `${OK}Content-Length: 0005\r\n\r\nhello`, [HELLO]],
    ['repeated alike', `${OK}Content-Length: 5\r\ncontent-length: 05\r\n\r\nhello`, [HELLO]],
    ['a list alike', `${OK}Content-Length: 5 ,5,\t5\r\n\r\nhello`, [HELLO]],
    ['repeated in conflict', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, REFUSED],
    ['a list in conflict', `${OK}Content-Length: 5, 6\r\n\r\nhello`, REFUSED],
    ['a list with nothing last', `${OK}Content-Length: 5,\r\n\r\nhello`, REFUSED],
    ['empty', `${OK}Content-Length: \r\n\r\n`, REFUSED],
    ['signed', `${OK}Content-Length: +5\r\n\r\nhello`, REFUSED],
    ['negative', `${OK}Content-Length: -1\r\n\r\nhello`, REFUSED],
    ['hexadecimal', `${OK}Content-Length: 0x5\r\n\r\nhello`, REFUSED],
    ['two numbers', `${OK}Content-Length: 5 5\r\n\r\nhello`, REFUSED],
    ['2^53', `${OK}Content-Length: 9007199254740992\r\n\r\n`, REFUSED],
    ['more than 2^64', `${OK}Content-Length: 99999999999999999999\r\n\r\n`, REFUSED],
    ['cut short', `${OK}Content-Length: 5\r\n\r\nhel`, ['200 5 keep…', '! http-closed-early']],
  ])
})

suite('Transfer-Encoding', () => {
  const coded = (value: string, body: string) => `${OK}Transfer-Encoding: ${value}\r\n\r\n${body}`
  const five = '5\r\nhello\r\n0\r\n\r\n'
  table([
    ['chunked', coded('chunked', five), [CHUNKED_HELLO]],
    ['in any case', coded('CHUNKED', five), [CHUNKED_HELLO]],
    ['chunked last', coded('gzip, chunked', five), [CHUNKED_HELLO]],
    ['trailing blanks and comma', coded('chunked , ', five), [CHUNKED_HELLO]],
    [
      'chunked last, in two fields',
      coded('gzip\r\ntransfer-encoding: chunked', five),
      [CHUNKED_HELLO],
    ],
    ['chunked not last', coded('chunked, gzip', 'hello'), ['200 -1 close "hello"']],
    [
      'chunked not last, in two fields',
      coded('chunked\r\nTransfer-Encoding: x', 'x'),
      ['200 -1 close "x"'],
    ],
    ['chunked with a parameter', coded('chunked;a=b', 'hello'), ['200 -1 close "hello"']],
    ['another coding', coded('xchunked', 'hello'), ['200 -1 close "hello"']],
    ['beside Content-Length', coded('chunked\r\nContent-Length: 5', five), REFUSED],
    [
      'beside Content-Length before',
      `${OK}Content-Length: 5\r\nTransfer-Encoding: x\r\n\r\n`,
      REFUSED,
    ],
  ])
})

suite('chunks', () => {
  table([
    ['several', `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, [CHUNKED_HELLO]],
    ['none', `${CHUNKED}0\r\n\r\n`, ['200 chunked keep ""']],
    [
      'hexadecimal',
      `${CHUNKED}a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n`,
      ['200 chunked keep "01234567890123456789a"'],
    ],
    ['extensions', `${CHUNKED}5;a=b;c="d;e\xe9"\r\nhello\r\n0;x\r\n\r\n`, [CHUNKED_HELLO]],
    ['blanks about extensions', `${CHUNKED}5 \t; a = b\r\nhello\r\n0\r\n\r\n`, [CHUNKED_HELLO]],
    [
      'trailers',
      `${CHUNKED}5\r\nhello\r\n0\r\nA: b\r\n c\r\nContent-Length: 9\r\nConnection: close\r\n\r\n${OK}${FIVE}`,
      [CHUNKED_HELLO, HELLO],
    ],
    ['malformed trailers', `${CHUNKED}0\r\nA b\r\n\r\n`, CUT_CHUNKED],
    ['a blank after the size', `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`, CUT_CHUNKED],
    ['no size', `${CHUNKED}\r\n`, CUT_CHUNKED],
    ['only an extension', `${CHUNKED};a\r\n`, CUT_CHUNKED],
    ['a size that is none', `${CHUNKED}5g\r\nhello\r\n`, CUT_CHUNKED],
    ['a signed size', `${CHUNKED}-5\r\nhello\r\n`, CUT_CHUNKED],
    ['a line feed after the size', `${CHUNKED}5\nhello\r\n`, CUT_CHUNKED],
    ['a line feed in an extension', `${CHUNKED}5;a\n\r\nhello\r\n`, CUT_CHUNKED],
    ['a carriage return in an extension', `${CHUNKED}5;a\rb\r\nhello\r\n`, CUT_CHUNKED],
    ['data longer than the size', `${CHUNKED}5\r\nhello!\r\n0\r\n\r\n`, CUT_CHUNKED],
    ['a line feed after the data', `${CHUNKED}5\r\nhello\n0\r\n\r\n`, CUT_CHUNKED],
    ['no line feed after the data', `${CHUNKED}5\r\nhello\r0\r\n\r\n`, CUT_CHUNKED],
    ['closed in data', `${CHUNKED}5\r\nhel`, ['200 chunked keep…', '! http-closed-early']],
    [
      'closed before the trailers end',
      `${CHUNKED}0\r\n`,
      ['200 chunked keep…', '! http-closed-early'],
    ],
  ])
})

suite('responses without a body', () => {
  const fields = 'Content-Length: 5\r\n\r\n'
  const next = `${OK}${FIVE}`
  table([
    ['204', `HTTP/1.1 204 No Content\r\n\r\n${next}`, ['204 -1 keep ""', HELLO]],
    ['204 with a length', `HTTP/1.1 204 No Content\r\n${fields}${next}`, ['204 5 keep ""', HELLO]],
    [
      '304 with a length',
      `HTTP/1.1 304 Not Modified\r\n${fields}${next}`,
      ['304 5 keep ""', HELLO],
    ],
    [
      '304 in chunks',
      `HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n${next}`,
      ['304 chunked keep ""', HELLO],
    ],
  ])
})

suite('interim responses', () => {
  table([
    [
      'are passed over',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}${FIVE}`,
      [HELLO],
    ],
    [
      'leave nothing behind',
      `HTTP/1.1 103 H\r\nContent-Length: 3\r\nConnection: close\r\n\r\n${OK}${FIVE}`,
      [HELLO],
    ],
    ['with empty lines after', `HTTP/1.1 100 Continue\r\n\r\n\r\n${OK}${FIVE}`, [HELLO]],
    ['are not an answer', 'HTTP/1.1 100 Continue\r\n\r\n', ['! http-closed-early']],
    [
      '101 hands over',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n\x81\x00',
      ['101 -1 keep…', 'rest "\x81\\u0000"'],
    ],
    [
      '101 after 100',
      'HTTP/1.1 100 C\r\n\r\nHTTP/1.1 101 S\r\n\r\nHTTP',
      ['101 -1 keep…', 'rest "HTTP"'],
    ],
    [
      '101 has no body',
      'HTTP/1.1 101 S\r\nContent-Length: 2\r\n\r\nxy',
      ['101 2 keep…', 'rest "xy"'],
    ],
  ])
})

suite('the connection', () => {
  const reply = (version: string, connection: string, rest = FIVE) =>
    `HTTP/${version} 200 OK\r\nConnection: ${connection}\r\n${rest}`
  const closed = '200 5 close "hello"'
  table([
    ['1.1 lasts', `${OK}${FIVE}\r\n${OK}${FIVE}`, [HELLO, HELLO]],
    ['1.1 close', reply('1.1', 'Close'), [closed]],
    ['1.1 close in a list', reply('1.1', 'foo ,\tclose, bar'), [closed]],
    ['1.1 close in a second field', reply('1.1', 'foo\r\nConnection: close'), [closed]],
    ['1.1 a token that is not close', reply('1.1', 'closed, xclose'), [HELLO]],
    ['1.0 does not last', `HTTP/1.0 200 OK\r\n${FIVE}`, [closed]],
    ['1.0 keep-alive', reply('1.0', 'Keep-Alive'), [HELLO]],
    ['1.0 keep-alive and close', reply('1.0', 'keep-alive, close'), [closed]],
    [
      '1.0 keep-alive until close',
      reply('1.0', 'keep-alive', '\r\nhello'),
      ['200 -1 close "hello"'],
    ],
    [
      '1.0 in chunks',
      reply('1.0', 'keep-alive', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
      ['200 chunked close ""'],
    ],
    ['until close, beginning with a blank', `${OK}\r\n hello`, ['200 -1 close " hello"']],
    ['until close', `${OK}\r\nhello`, ['200 -1 close "hello"']],
    ['until close, empty', `${OK}\r\n`, ['200 -1 close ""']],
    ['empty lines after the last', `${reply('1.1', 'close')}\r\n`, [closed]],
    ['data after the last', `${reply('1.1', 'close')}${OK}`, [closed, '! http-syntax']],
    ['closed when idle', '', []],
    ['closed when idle, after an empty line', '\r\n', []],
    ['closed in the status line', 'H', ['! http-closed-early']],
    ['closed in the head', `${OK}Content-Length: 5\r\n`, ['! http-closed-early']],
  ])
})

suite('cookies', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'
  const cookiesOf = (text: string, wantsHeaders = false): readonly string[] => {
    const cookies: string[] = []
    const parser = new HttpResponseParser({
      onCookie: (bytes, from, to) => cookies.push(bytes.toString('latin1', from, to)),
      onHead() {},
      onBody() {},
      onComplete() {},
    })
    parser.wantsHeaders = wantsHeaders
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 7) {
      parser.execute(bytes, at, Math.min(at + 7, bytes.length))
    }
    return cookies
  }

  test('are offered whether or not headers are wanted, each by itself', () => {
    const text = `${HEAD}Set-Cookie: a=1; Path=/\r\nX: y\r\nSET-COOKIE:  b=2 \r\n\r\n`
    assert.deepEqual(cookiesOf(text), ['a=1; Path=/', 'b=2'])
    assert.deepEqual(cookiesOf(text, true), ['a=1; Path=/', 'b=2'])
    assert.deepEqual(cookiesOf(`${HEAD}Set-Cookies: a=1\r\nConnection: b=2\r\n\r\n`), [])
  })

  test('are those of the final head alone', () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=1\r\n\r\n'
    const trailers =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nSet-Cookie: b=1\r\n\r\n'
    assert.deepEqual(cookiesOf(`${interim}${HEAD}Set-Cookie: c=1\r\n\r\n${trailers}`), ['c=1'])
  })

  test('are told of a head that was seen before, and of the next one without them', () => {
    const cookies: string[] = []
    const statuses: number[] = []
    const parser = new HttpResponseParser({
      onCookie: (bytes, from, to) => cookies.push(bytes.toString('latin1', from, to)),
      onHead: ({ status }) => statuses.push(status),
      onBody() {},
      onComplete() {},
    })
    const [bare, cookied] = [`${HEAD}\r\n`, `${HEAD}Set-Cookie: a=1\r\n\r\n`].map((text) =>
      Buffer.from(text),
    ) as [Buffer, Buffer]
    for (const bytes of [cookied, cookied, bare, bare, cookied]) {
      parser.execute(bytes, 0, bytes.length)
    }
    assert.deepEqual(cookies, ['a=1', 'a=1', 'a=1'])
    assert.deepEqual(statuses, [200, 200, 200, 200, 200])
  })
})
