import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  acceptedAtNs,
  formatEventId,
  formatMark,
  MAX_MARK_BYTES,
  type Mark,
  MarkScanner,
  parseEventId,
} from './mark.ts'

interface Found extends Mark {
  readonly acceptedAtNs: number
}

/** All marks in a range that stands between stale bytes. */
function scan(text: string): Found[] {
  const stale = Buffer.from(formatMark({ run: 9, channel: 9, sequence: 9, intendedAtNs: 9 }))
  const bytes = Buffer.concat([stale, Buffer.from(text), stale])
  const end = bytes.length - stale.length
  const scanner = new MarkScanner()
  const found: Found[] = []
  let at = stale.length
  while (scanner.next(bytes, at, end)) {
    const { run, channel, sequence, intendedAtNs } = scanner
    found.push({ run, channel, sequence, intendedAtNs, acceptedAtNs: scanner.acceptedAtNs })
    at = scanner.end
  }
  return found
}

const MARK: Mark = {
  run: 4_294_967_295,
  channel: 12,
  sequence: 3,
  intendedAtNs: 4_503_599_627_370_497,
}
const TEXT = formatMark(MARK)

const mark = fc.record({
  run: fc.nat({ max: 2 ** 32 - 1 }),
  channel: fc.nat({ max: 9_999_999 }),
  sequence: fc.integer({ min: 1, max: 999_999_999_999 }),
  intendedAtNs: fc.maxSafeNat(),
})
const id = fc.tuple(fc.nat({ max: 2 ** 43 }), fc.nat({ max: 2 ** 48 }))
const noise = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'rtbmi_09<&"\\\n\0é€'), maxLength: 12 }),
  fc.constantFrom('rtb', 'rtbm_', 'rtbm_1_2', 'rtbi_', 'rtbi_7_', 'rrtbm', '_', '<&"\\\n'),
)

test('a mark has the documented form, alphabet and length', () => {
  assert.equal(TEXT, 'rtbm_4294967295_12_3_4503599627370497_')
  fc.assert(
    fc.property(mark, (one) => {
      const text = formatMark(one)
      assert.match(text, /^[A-Za-z0-9_]+$/)
      assert(text.length <= MAX_MARK_BYTES)
    }),
  )
})

test('finds marks and the ids before them among anything', () => {
  const event = fc.record({ id: fc.option(id), mark, before: noise, between: noise, after: noise })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), (events) => {
      let accepted = Number.NaN
      const expected: Found[] = []
      let text = ''
      for (const { id: parts, mark: one, before, between, after } of events) {
        // A blank ends what the noise may have begun.
        text += `${before} ${parts === null ? '' : formatEventId(...parts)} ${between} ${formatMark(one)} ${after} `
        if (parts !== null) accepted = parts[0] * 1000 + parts[1]
        expected.push({ ...one, acceptedAtNs: accepted })
      }
      assert.deepEqual(scan(text), expected)
    }),
    { numRuns: 200 },
  )
})

test('survives quoting, escaping and other marks right beside it', () => {
  const html = (text: string): string =>
    text.replace(/[^A-Za-z0-9_ ]/g, (character) => `&#${character.codePointAt(0)};`)
  const other = formatMark({ ...MARK, sequence: 4 })
  for (const text of [
    JSON.stringify({ data: `"${TEXT}"\\` }),
    JSON.stringify(JSON.stringify([TEXT])),
    html(`<p class="x">${TEXT}</p>`),
    encodeURIComponent(`{"${TEXT}"}`),
    `x${TEXT}x`,
    `rtbm_${TEXT}`,
    `rtbm_1_${TEXT}`,
    `rtbm_1_2_3_${TEXT}`,
    `rtrtb${TEXT}`,
    `rtbm_1_2_3_x_${TEXT}`,
  ]) {
    assert.deepEqual(scan(text), [{ ...MARK, acceptedAtNs: Number.NaN }], text)
  }
  assert.deepEqual(
    scan(TEXT + other + TEXT).map(({ sequence }) => sequence),
    [3, 4, 3],
  )
})

test('a truncated mark is none, though the buffer goes on with another one', () => {
  for (let end = 0; end < TEXT.length; end++)
    assert.deepEqual(scan(TEXT.slice(0, end)), [], `${end}`)
  for (let start = 1; start < TEXT.length; start++) {
    assert.deepEqual(scan(TEXT.slice(start)), [], `${start}`)
  }
})

for (const text of [
  'rtbm_1_2_3_4',
  'rtbm__2_3_4_',
  'rtbm_1__3_4_',
  'rtbm_-1_2_3_4_',
  'rtbm_1_2_3.5_4_',
  'rtbm_1_2_0_4_',
  'rtbm_1_2_3_4e5_',
  'rtbm_1 _2_3_4_',
  'RTBM_1_2_3_4_',
  'rtbx_1_2_3_4_',
  'rtbm-1_2_3_4_',
  'rtbi_1_2_3_4_',
]) {
  test(`${text} is no mark`, () => assert.deepEqual(scan(text), []))
}

test('a truncated id leaves the time of the one before', () => {
  const whole = formatEventId(5, 7)
  const [found] = scan(`${whole} rtbi_6_ rtbi__8_ rtbi_9 ${TEXT}`)
  assert.equal(found?.acceptedAtNs, 5_007)
})

test('an id is as long on any machine and at any time', () => {
  assert.equal(formatEventId(7000, 2000), 'rtbi_00000000007000_0000000002000_')
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 14 - 1 }), fc.nat({ max: 10 ** 13 - 1 }), (epoch, offset) => {
      assert.equal(formatEventId(epoch, offset).length, 34)
    }),
  )
})

test('an id is read back', () => {
  fc.assert(
    fc.property(id, ([epochUs, offsetNs]) => {
      const text = formatEventId(epochUs, offsetNs)
      assert.deepEqual(parseEventId(text), { epochUs, offsetNs })
      assert.equal(acceptedAtNs(text), epochUs * 1000 + offsetNs)
    }),
  )
  for (const foreign of ['', '1', 'rtbi_1_', 'rtbi_1_2', 'rtbi_1_2_ ', ' rtbi_1_2_', 'rtbm_1_2_']) {
    assert.equal(parseEventId(foreign), null, foreign)
    assert.equal(acceptedAtNs(foreign), Number.NaN, foreign)
  }
})
