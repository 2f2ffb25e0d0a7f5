import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { harm, oddResponse, plainResponse } from './http-response-random.conformance.ts'
import { type Outcome, parseHere, parseThere } from './llhttp.conformance.ts'
import { harmed, inReads, runs } from './random.conformance.ts'
import { cut } from './reads.conformance.ts'

/** How the outcome here differs from llhttp's. */
type Kind =
  /** Taken here, refused by llhttp, or the other way round. */
  | 'accepts'
  | 'refuses'
  /** Taken by both, with other fields or another body. */
  | 'reads'
  /** Taken by both; only the connection lasts or does not. */
  | 'keeps'
  | 'closes'

/** A difference on purpose; llhttp's side varies with Node's version, so that it is allowed only. */
interface Difference {
  /** The rule that is followed here; docs/conformance.md has them all. */
  readonly rule: string
  readonly kinds: readonly Kind[]
  /** Only responses like this may show it. */
  readonly bytes: RegExp
  readonly example: string
  /** What comes of the example: `refused`, or status, body and what becomes of the connection. */
  readonly here: string
}

const page = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')
const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`

const DIFFERENCES: readonly Difference[] = [
  {
    rule: 'a client unfolds fields (RFC 9112, 5.2)',
    kinds: ['accepts'],
    bytes: /\r\n[ \t]/,
    example: `${OK}A: b\r\n c\r\nContent-Length: 1\r\n\r\nx`,
    here: '200 x keeps',
  },
  {
    rule: 'a length repeated alike is one length (RFC 9110, 8.6)',
    kinds: ['accepts'],
    bytes: /content-length:(.*content-length:|[^\r]*,)/is,
    example: `${OK}Content-Length: 1\r\nContent-Length: 1, 01\r\n\r\nx`,
    here: '200 x keeps',
  },
  {
    rule: 'blanks after a value are no part of it (RFC 9112, 5.1)',
    kinds: ['accepts', 'refuses', 'reads', 'keeps', 'closes'],
    bytes: /(length|encoding|connection):[^\r]*[ \t]\r/i,
    example: `${OK}Content-Length: 1\t\r\n\r\nx`,
    here: '200 x keeps',
  },
  {
    rule: 'empty items of a list do not count (RFC 9110, 5.6.1.2)',
    kinds: ['accepts', 'refuses', 'reads'],
    bytes: /encoding:([^\r]*,)?[ \t]*(,|\r)/i,
    example: `${OK}Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n`,
    here: '200  keeps',
  },
  {
    rule: 'a chunk extension is not read, blanks before it neither (RFC 9112, 7.1.1)',
    kinds: ['accepts'],
    bytes: /\n[0-9a-f]+[ \t]*;/i,
    example: `${CHUNKED}1 ; ="\r\nx\r\n0\r\n\r\n`,
    here: '200 x keeps',
  },
  {
    rule: 'trailers do not frame (RFC 9110, 6.5.1)',
    kinds: ['accepts'],
    bytes: /\r\n0+\r\n.*(content-length|transfer-encoding):/is,
    example: `${CHUNKED}0\r\nContent-Length: 5\r\n\r\n`,
    here: '200  keeps',
  },
  {
    rule: 'minor versions above 1 are 1.1 (RFC 9110, 2.5), other major ones are refused',
    kinds: ['accepts', 'refuses'],
    bytes: /HTTP\/(?!1\.[01] )/,
    example: 'HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\nx',
    here: '200 x keeps',
  },
  {
    rule: 'HTTP/1.0 with a transfer coding does not last (RFC 9112, 6.1)',
    kinds: ['closes'],
    bytes: /HTTP\/1\.0 .*transfer-encoding/is,
    example:
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    here: '200  closes',
  },
  {
    rule: 'close counts more than keep-alive (RFC 9112, 9.3)',
    kinds: ['closes'],
    bytes: /HTTP\/1\.0 (?=.*keep-alive).*close/is,
    example:
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    here: '200 x closes',
  },
  {
    rule: 'a status line has one carriage return (RFC 9112, 4)',
    kinds: ['refuses'],
    bytes: /\r\r/,
    example: 'HTTP/1.1 200 \r\r\nContent-Length: 1\r\n\r\nx',
    here: 'refused',
  },
  {
    rule: 'an interim response does not end the connection (RFC 9112, 9.3)',
    kinds: ['accepts'],
    bytes: /HTTP\/1\.(0 1|1 1.*close)/is,
    example: `HTTP/1.1 103 H\r\nConnection: close\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    here: '200 x keeps',
  },
  {
    rule: 'a 101 hands over, with an Upgrade field or not (RFC 9110, 15.2.2)',
    kinds: ['refuses'],
    bytes: /HTTP\/1\.[01] 101/,
    example: `HTTP/1.1 101 S\r\n\r\n${OK}\r\n`,
    here: 'refused',
  },
]

function kindOf(here: Outcome, there: Outcome): Kind | null {
  if (here.accepted !== there.accepted) return here.accepted ? 'accepts' : 'refuses'
  // The client drops what it held when a response is refused.
  if (!here.accepted) return null
  const seen = ({ status, headers, body }: Outcome) => JSON.stringify([status, headers, body])
  if (seen(here) !== seen(there)) return 'reads'
  if (here.keepAlive === there.keepAlive) return null
  return here.keepAlive ? 'keeps' : 'closes'
}

/** Parses by both; they agree, or differ as a rule has it. Returns the rule, or ''. */
async function compare(reads: readonly Buffer[]): Promise<string> {
  const { leftOver, coding: _, ...here } = parseHere(reads)
  const there = await parseThere(reads)
  // The client fails when more follows, even if the response itself was complete.
  if (leftOver && !there.accepted) return ''
  if (leftOver) there.keepAlive = here.keepAlive
  const kind = kindOf(here, there)
  if (kind === null) return ''
  const text = Buffer.concat(reads).toString('latin1')
  const found = DIFFERENCES.find(({ kinds, bytes }) => kinds.includes(kind) && bytes.test(text))
  if (found === undefined) assert.deepEqual(here, there, JSON.stringify(text))
  return found?.rule ?? ''
}

suite('against llhttp', () => {
  for (const [name, streams, byDefault] of [
    ['responses right and wrong', plainResponse, 3000],
    ['responses with some bytes harmed', harmed(plainResponse, harm), 6000],
  ] as const) {
    test(name, async (context) => {
      const shown = new Set<string>()
      let [agreed, compared] = [0, 0]
      await fc.assert(
        fc.asyncProperty(inReads(streams), async (reads) => {
          const rule = await compare(reads)
          compared++
          if (rule === '') agreed++
          else shown.add(rule)
        }),
        runs(context, byDefault),
      )
      context.diagnostic(`${agreed} of ${compared} alike, the others by ${shown.size} rules`)
      assert(agreed > compared / 2)
    })
  }

  test('responses in forms that it refuses, against the same in plain form', async (context) => {
    const odd = fc
      .tuple(oddResponse, fc.array(fc.nat(), { maxLength: 12 }))
      .map(([{ sent, plain }, cuts]) => ({
        reads: cut(sent, ...cuts.map((at) => at % (sent.length + 1))),
        plain,
      }))
    await fc.assert(
      fc.asyncProperty(odd, async ({ reads, plain }) => {
        const here = parseHere(reads)
        const there = parseHere([plain])
        assert.deepEqual(withoutFraming(here), withoutFraming(there))
        await compare([plain])
      }),
      runs(context, 2000),
    )
  })

  for (const { rule, kinds, bytes, example, here } of DIFFERENCES) {
    test(`differs: ${rule}`, () => {
      assert.match(example, bytes)
      const outcome = parseHere([Buffer.from(example, 'latin1')])
      const { accepted, status, body, keepAlive } = outcome
      const told = accepted ? `${status} ${body} ${keepAlive ? 'keeps' : 'closes'}` : 'refused'
      assert.equal(told, here)
      assert.equal(kinds.includes('refuses') || accepted, true)
      assert.ok(page.includes(`| ${rule} |`), 'docs/conformance.md does not tell of it')
    })
  }
})

/** The odd forms of framing fields are fields as well, and seen as they were sent. */
function withoutFraming({ headers, ...outcome }: Outcome): Outcome {
  const framing = /^(content-length|transfer-encoding)$/i
  return {
    ...outcome,
    headers: headers.filter((_, at) => !framing.test(headers[at - (at % 2)] ?? '')),
  }
}
