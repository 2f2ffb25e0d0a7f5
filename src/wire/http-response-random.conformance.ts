/** Random responses, each in the form that is sent and in the plain form that says the same. */
import fc from 'fast-check'

/** One response; `sent` and `plain` are alike unless odd forms were asked for. */
export interface RandomResponse {
  readonly sent: Buffer
  readonly plain: Buffer
}

/** Text in both forms. */
type Both = readonly [sent: string, plain: string]

const same = (text: string): Both => [text, text]
const both = ({ 0: sent, 1: plain }: Both) => ({
  sent: Buffer.from(sent, 'latin1'),
  plain: Buffer.from(plain, 'latin1'),
})

const body = fc.string({
  unit: fc.constantFrom('a', '0', '\r', '\n', '\0', '\xff', ' '),
  maxLength: 40,
})
const version = fc.constantFrom(
  '1.1',
  '1.1',
  '1.1',
  '1.1',
  '1.1',
  '1.1',
  '1.0',
  '1.0',
  '1.2',
  '2.0',
)
const reason = fc.constantFrom(' OK', ' ', '', ' Not Found at all', ' \xe9\x01')
const status = fc.constantFrom(200, 200, 200, 201, 204, 205, 304, 404, 500, 999, 99, 101)
const field = fc.constantFrom(
  'Connection: close',
  'connection: keep-alive',
  'Connection: foo, Close',
  'Connection:keep-alive,bar',
  'Connection: closed',
  'Content-Type: text/event-stream',
  'Content-Encoding: gzip',
  'content-encoding: identity, BR',
  'X-Empty:',
  'X: \xe9\t"quoted"  ',
  'Set-Cookie: a=1; b',
  'set-cookie:\t a=2',
  "!#$%&'*+-.^_`|~09azAZ: odd",
  'Content-Lengths: 3',
  'Transfer-Encodin: chunked',
)
const interim = fc.constantFrom(
  '',
  '',
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n',
  'HTTP/1.0 102 Processing\r\n\r\n',
  '\r\n',
)
const oddField = fc.constantFrom<Both>(
  ['X-Fold: a\r\n b', 'X-Fold: a   b'],
  ['Connection:\r\n\tclose', 'Connection:  \tclose'],
  ['Connection: a,\r\n  \r\n keep-alive', 'Connection: a,       keep-alive'],
)

const chunk = fc.record({
  data: body,
  zeros: fc.constantFrom('', '', '0', '000'),
  capital: fc.boolean(),
})
const extension = fc.constantFrom('', ';a', ' ; a = b', '\t;a="\xe9;"', ';\x80 b;;c')
const trailer = fc.constantFrom(
  '',
  '',
  'T: 1\r\n',
  'Connection: close\r\nU:\r\n',
  'Content-Length: 7\r\n',
)

/** The fields that frame a body, and the body so framed. */
type Framed = readonly [fields: Both, body: Both]

function framing(odd: boolean): fc.Arbitrary<Framed> {
  const lengthForms = odd
    ? fc.constantFrom(
        (length: number) => `Content-Length: ${length}, ${length}`,
        (length: number) => `Content-Length: ${length}\r\ncontent-length: 0${length}`,
        (length: number) => `Content-Length: ${length} \t`,
        (length: number) => `Content-Length:\r\n ${length}`,
      )
    : fc.constant((length: number) => `Content-Length: ${length}`)
  const codings = odd
    ? fc.constantFrom<Both>(
        ['chunked , ,', 'chunked'],
        ['gzip,, chunked \t', 'gzip, chunked'],
        ['gzip,\r\n chunked', 'gzip, chunked'],
      )
    : fc.constantFrom('chunked', 'Chunked', 'gzip, chunked', 'gzip,chunked').map(same)
  const counted = fc.tuple(body, lengthForms).map(([text, form]): Framed => {
    return [[form(text.length), `Content-Length: ${text.length}`], same(text)]
  })
  const extensions = fc.array(extension, { minLength: 5, maxLength: 5 })
  const chunked = fc
    .tuple(fc.array(chunk, { maxLength: 4 }), trailer, codings, extensions)
    .map(([chunks, trailers, [coding, plainCoding], ends]): Framed => {
      const text = (extend: boolean): string => {
        let at = 0
        const line = (size: string): string => `${size}${extend ? ends[at++] : ''}\r\n`
        const pieces = chunks
          .filter(({ data }) => data !== '')
          .map(({ data, zeros, capital }) => {
            const size = data.length.toString(16)
            return `${line(`${zeros}${capital ? size.toUpperCase() : size}`)}${data}\r\n`
          })
        return `${pieces.join('')}${line('0')}${trailers}\r\n`
      }
      return [
        [`Transfer-Encoding: ${coding}`, `Transfer-Encoding: ${plainCoding}`],
        [text(true), text(false)],
      ]
    })
  if (odd) return fc.oneof(counted, chunked)
  const wrong = fc.constantFrom(
    'Content-Length: 3',
    'Content-Length: x',
    'Content-Length:',
    'Content-Length: 3\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: chunked, gzip',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip',
  )
  return fc.oneof(
    counted,
    chunked,
    body.map((text): Framed => [same(''), same(text)]),
    body.map((text): Framed => [same('Transfer-Encoding: gzip'), same(text)]),
    fc.tuple(wrong, body).map(([text, rest]): Framed => [same(text), same(rest)]),
  )
}

function response(odd: boolean): fc.Arbitrary<RandomResponse> {
  const fields = odd ? fc.oneof(oddField, field.map(same)) : field.map(same)
  return fc
    .record({
      first: interim,
      minor: version,
      code: status,
      reason,
      before: fc.array(fields, { maxLength: 3 }),
      framed: framing(odd),
      after: fc.array(fields, { maxLength: 2 }),
    })
    .map(({ first, minor, code, reason, before, framed, after }) => {
      const [frame, content] = framed
      const line = `HTTP/${minor} ${String(code).padStart(3, '0')}${reason}`
      const text = (form: 0 | 1): string => {
        const lines = [line, ...[...before, frame, ...after].map((forms) => forms[form])]
        return `${first}${lines.filter((one) => one !== '').join('\r\n')}\r\n\r\n${content[form]}`
      }
      return both([text(0), text(1)])
    })
}

/** Responses as servers send them, right or wrong. */
export const plainResponse = response(false).map(({ sent }) => sent)

/** Responses in forms that RFC 9112 has a client take, and llhttp does not. */
export const oddResponse = response(true)

/** What harms a response. */
export const harm = fc
  .constantFrom('', '', '\r', '\n', '\r\n', ' ', '\t', ':', ',', '0', '5', 'x', '\0', '\x7f', ';')
  .map((text) => Buffer.from(text))
