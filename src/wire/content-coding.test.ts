import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { codingSign, contentCoding, refuseCoding } from './content-coding.ts'
import { HttpResponseParser } from './http-response.ts'
import { cut } from './reads.conformance.ts'

for (const [value, coding] of [
  ['', ''],
  ['identity', ''],
  [' Identity ,, identity', ''],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['X-Compress', 'compress'],
  ['identity, gzip', 'gzip'],
  ['gzip,br', 'gzip-br'],
  ['gzip , identity,\tzstd', 'gzip-zstd'],
  ['a, b, c, d, e', 'a-b-c'],
  ['aes128gcm', 'aes128gcm'],
  ['a name that no registry has, "quoted"', 'anamethatnoregis-quoted'],
  ['\x1b[31m', '31m'],
  ['\xff\xfe', 'unknown'],
] as const) {
  test(`${JSON.stringify(value)} is ${coding === '' ? 'no coding' : coding}`, () => {
    assert.equal(contentCoding(value), coding)
  })
}

/** The coding that a client hears of at the head of a response. */
function codingOf(lines: readonly string[], wantsHeaders: boolean, ...cuts: number[]): string[] {
  const heard: string[] = []
  const parser = new HttpResponseParser({
    onHead: ({ coding }) => void heard.push(coding),
    onBody() {},
    onComplete() {},
  })
  parser.wantsHeaders = wantsHeaders
  const response = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  for (const read of cut(response, ...cuts)) parser.execute(read, 0, read.length)
  return heard
}

const OK = 'HTTP/1.1 200 OK'
const BODY = 'Content-Length: 9'

for (const [name, lines, coding] of [
  ['nothing', [OK, BODY], ''],
  ['a name in any case', [OK, 'CONTENT-encoding:GZIP', BODY], 'gzip'],
  ['two fields', [OK, 'Content-Encoding: gzip', BODY, 'Content-Encoding: br'], 'gzip-br'],
  ['identity among them', [OK, 'Content-Encoding: gzip, identity', BODY], 'gzip'],
  ['identity', [OK, 'Content-Encoding: Identity', BODY], ''],
  ['an empty value', [OK, 'Content-Encoding:', BODY], ''],
  ['a folded value', [OK, 'Content-Encoding:\r\n gzip', BODY], 'gzip'],
  ['chunks', [OK, 'Content-Encoding: br', 'Transfer-Encoding: chunked'], 'br'],
  ['names that are like it', [OK, 'Content-Encodings: br', 'Xontent-Encoding: br', BODY], ''],
  ['a body of no bytes', [OK, 'Content-Encoding: gzip', 'Content-Length: 0'], ''],
  ['a 304, which has none', ['HTTP/1.1 304 Not Modified', 'Content-Encoding: gzip', BODY], ''],
  ['an interim response', ['HTTP/1.1 103 Early Hints', 'Content-Encoding: gzip', '', OK, BODY], ''],
] as const) {
  test(`a head with ${name}: ${coding === '' ? 'no coding' : coding}`, () => {
    for (const wantsHeaders of [false, true]) {
      // New, known from the time before, and byte by byte.
      for (const cuts of [[], [], Array.from({ length: 40 }, (_, at) => at)]) {
        assert.deepEqual(codingOf(lines, wantsHeaders, ...cuts), [coding])
      }
    }
  })
}

test('what is compressed is known by its beginning, and no text is', () => {
  const sign = (bytes: Uint8Array): string => codingSign(bytes, 0, bytes.length)
  const text = Buffer.from('data: x\n\n'.repeat(50))
  for (const level of [1, 6, 9]) assert.equal(sign(gzipSync(text, { level })), 'gzip')
  for (const level of [6, 9]) assert.equal(sign(deflateSync(text, { level })), 'deflate')
  assert.equal(sign(Buffer.from('28b52ffd20', 'hex')), 'zstd')
  // Brotli has no sign of its own.
  assert.equal(sign(brotliCompressSync(text)), '')
  for (const plain of [
    '',
    '\x1f',
    'x',
    '(',
    'x^2',
    'data: x',
    '{"events":[]}',
    '\x1f\x0b',
    'xé(µ',
  ]) {
    assert.equal(sign(Buffer.from(plain)), '', JSON.stringify(plain))
  }
  assert.equal(codingSign(gzipSync(text), 0, 1), '', 'the range ends before')
})

test('a coding is refused by its name', () => {
  refuseCoding('')
  assert.throws(() => refuseCoding('gzip-br'), {
    name: 'WireError',
    code: 'content-encoding-gzip-br',
  })
})
