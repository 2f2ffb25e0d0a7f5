import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { formatMark } from './mark.ts'
import { type Disguise, disguiseOf, MessageMarks } from './message-marks.ts'
import { runs } from './random.conformance.ts'

function m(sequence: number, channel = 0, run = 1): string {
  return formatMark({ run, channel, sequence, intendedAtNs: 5, handedOverAtNs: 5 })
}

const marks = new MessageMarks()

/** The sequences that a message tells of; the same scanner reads all of them. */
function read(message: string, lists = false): number[] {
  // Between stale bytes, as in a shared buffer.
  const bytes = Buffer.from(`${m(1)}${message}${m(1)}`)
  const found: number[] = []
  marks.begin(m(1).length, bytes.length - m(1).length, Number.NaN, lists)
  while (marks.next(bytes)) found.push(marks.mark.sequence)
  return found
}

const list = (...items: readonly string[]): string => `[${items.join(',')}]`
const both = (sequence: number): string =>
  JSON.stringify({ text: m(sequence), html: `<p>${m(sequence)}</p>` })

for (const [name, message, asOne, asList] of [
  ['one event', m(7), [7], [7]],
  ['no event', 'x', [], []],
  ['one event, as text and as HTML', both(7), [7], [7]],
  ['one event, thrice in one text', `${m(7)} ${m(7)},${m(7)}`, [7], [7]],
  ['two events', m(1) + m(2), [1, 2], [1, 2]],
  ['two events out of order', m(2) + m(1), [2, 1], [2, 1]],
  ['two events, each twice', list(both(1), both(2)), [1, 2], [1, 2]],
  ['texts first, then all HTML', `${m(1)}${m(2)}${m(1)}${m(2)}${m(3)}`, [1, 2, 3], [1, 2, 3]],
  ['an event listed twice', list(both(1), both(2), both(2)), [1, 2], [1, 2, 2]],
  ['an event listed again later', list(both(1), both(2), both(1)), [1, 2], [1, 2, 1]],
  ['an event listed three times', list(both(2), both(2), both(2)), [2], [2, 2, 2]],
  ['an event in two lists', `{"a":["${m(1)}"],"b":["${m(1)}"]}`, [1], [1]],
  ['an event in two lines', `${both(1)}\n${both(1)}`, [1], [1, 1]],
  ['one sequence of two channels', m(1) + m(1, 1), [1, 1], [1, 1]],
  ['one sequence of two runs', m(1) + m(1, 0, 2), [1, 1], [1, 1]],
  ['another run’s event twice', m(3) + m(1, 0, 2) + m(1, 0, 2), [3, 1], [3, 1]],
] as const) {
  test(`${name}: ${asOne.length} as one message, ${asList.length} as a list`, () => {
    assert.deepEqual(read(message), asOne)
    assert.deepEqual(read(message, true), asList)
  })
}

test('a message knows nothing of the one before', () => {
  assert.deepEqual([read(m(2) + m(1)), read(m(1) + m(2)), read(m(2))], [[2, 1], [1, 2], [2]])
})

test('the id before an event tells its time, as a scanner does', () => {
  const bytes = Buffer.from(`rtbi_3_7_ ${m(1)}`)
  marks.begin(0, bytes.length, Number.NaN, true)
  assert.equal(marks.next(bytes), true)
  assert.equal(marks.mark.acceptedAtNs, 3_007)
  marks.begin(0, bytes.length, 9, false)
  assert.equal(marks.next(bytes), true)
  assert.equal(marks.mark.acceptedAtNs, 3_007)
})

test('each element of a list tells of the events that are in it, once', (context) => {
  const sequences = fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(sequences, (elements) => {
      const message = JSON.stringify(
        elements.map((element) => Object.fromEntries(element.map((it, at) => [`k${at}`, m(it)]))),
      )
      assert.deepEqual(
        read(message, true),
        elements.flatMap((element) => [...new Set(element)]),
      )
      assert.deepEqual(read(message), [...new Set(elements.flat())])
    }),
    runs(context, 1_000),
  )
})

const MARK = formatMark({
  run: 4_294_967_295,
  channel: 12,
  sequence: 3,
  intendedAtNs: 5e14,
  handedOverAtNs: 5e14,
})

function seen(message: string | Buffer): Disguise | null {
  // Between bytes that are no part of it.
  const bytes = Buffer.concat([
    Buffer.from('rtbm_'),
    Buffer.from(message as string),
    Buffer.from('rtbm_'),
  ])
  return disguiseOf(bytes, 5, bytes.length - 5)
}

test('base64 is known wherever the mark stands in it', () => {
  for (const form of ['base64', 'base64url'] as const) {
    for (let before = 0; before < 12; before++) {
      const encoded = Buffer.from('€:"x\n'.repeat(3).slice(0, before) + MARK).toString(form)
      assert.equal(seen(`{"data":"${encoded}"}`), 'base64', encoded)
    }
  }
})

for (const [disguise, message] of [
  ['hex', `{"data":"${Buffer.from(MARK).toString('hex')}"}`],
  ['hex', Buffer.from(`x${MARK}`).toString('hex').toUpperCase()],
  ['utf-16', Buffer.from(MARK, 'utf16le')],
  ['utf-16', Buffer.from(`\ufeff"${MARK}"`, 'utf16le').swap16()],
  ['gzip', gzipSync(MARK)],
  ['gzip-base64', gzipSync(MARK).toString('base64')],
  ['cut', `{"data":"${MARK.slice(0, 20)}…"}`],
  ['cut', MARK.slice(0, -1)],
  [null, ''],
  [null, '{"type":"ping"}'],
  [null, 'rtbm'],
  [null, Buffer.from('another text, in base64').toString('base64')],
] as const) {
  test(`${disguise ?? 'nothing'} is seen in ${JSON.stringify(message.toString('latin1' as 'utf8')).slice(0, 60)}`, () => {
    assert.equal(seen(message as string), disguise)
  })
}
