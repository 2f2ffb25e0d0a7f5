import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acceptanceOf } from './broadcast-cache.ts'
import {
  formatBusEventId,
  formatEventId,
  formatFiller,
  formatMark,
  MAX_MARK_BYTES,
  type Mark,
  MarkScanner,
  OpenMark,
  parseEventId,
  UNREADABLE,
} from './mark.ts'
import { runs } from './random.conformance.ts'

interface Found extends Mark {
  readonly acceptedAtNs: number
}

const STALE: Mark = { run: 9, channel: 9, sequence: 9, intendedAtNs: 9_000, handedOverAtNs: 9_000 }

/** What is found in a range that stands between stale bytes: whole marks, and of others the run. */
function scan(text: string | Buffer, payloadBytes = 0): { whole: Found[]; damaged: number[] } {
  const stale = Buffer.from(formatMark(STALE))
  const bytes = Buffer.concat([stale, Buffer.from(text), stale])
  const end = bytes.length - stale.length
  const scanner = new MarkScanner(payloadBytes)
  const whole: Found[] = []
  const damaged: number[] = []
  let at = stale.length
  while (scanner.next(bytes, at, end)) {
    const { run, channel, sequence, intendedAtNs, handedOverAtNs } = scanner
    const { acceptedAtNs } = scanner
    if (scanner.damaged) damaged.push(run)
    else whole.push({ run, channel, sequence, intendedAtNs, handedOverAtNs, acceptedAtNs })
    assert.ok(scanner.end > at && scanner.end <= end)
    at = scanner.end
  }
  return { whole, damaged }
}

const payloadOf = (mark: Mark, payloadBytes: number): string => {
  const text = formatMark(mark)
  return text + formatFiller(payloadBytes, text.length)
}

const MARK: Mark = {
  run: 4_294_967_295,
  channel: 12,
  sequence: 3,
  intendedAtNs: 4_503_599_627_370_000,
  handedOverAtNs: 4_503_599_627_412_000,
}
const TEXT = formatMark(MARK)

/** Of three years of uptime. */
const mark = fc
  .record({
    run: fc.nat({ max: 2 ** 32 - 1 }),
    channel: fc.nat({ max: 9_999_999 }),
    sequence: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    intendedAtUs: fc.nat({ max: 10 ** 14 - 10 ** 8 }),
    latenessUs: fc.nat({ max: 9_999_999 }),
  })
  .map(({ intendedAtUs, latenessUs, ...rest }) => ({
    ...rest,
    intendedAtNs: intendedAtUs * 1000,
    handedOverAtNs: intendedAtUs * 1000 + latenessUs * 1000,
  }))
const id = fc.tuple(fc.nat({ max: 2 ** 43 }), fc.nat({ max: 2 ** 48 }))
const noise = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'rtbmi_09<&"\\\n\0é€'), maxLength: 12 }),
  fc.constantFrom('rtb', 'rtbm_', 'rtbm_1_2', 'rtbi_', 'rtbi_7_', 'rrtbm', '_', '<&"\\\n'),
)

test('a mark has the documented form, alphabet and length', () => {
  assert.match(TEXT, /^rtbm_4294967295_12_3_4503599627370_0000042_[a-zA-F]{6}$/)
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
      assert.deepEqual(scan(text).whole, expected)
    }),
    { numRuns: 200 },
  )
})

test('a hand-over is written into what was composed before, and stays within its width', () => {
  const open = new OpenMark(MARK)
  const bytes = Buffer.from(`<${open.text}>`)
  for (const [lateUs, told] of [
    [0, 0],
    [7.4, 7],
    [1_234_567, 1_234_567],
    [9_999_999, 9_999_999],
    [10_000_000, 9_999_999],
    [-3, 0],
  ] as const) {
    open.stamp(bytes, 1, MARK.intendedAtNs + lateUs * 1000)
    const handedOverAtNs = MARK.intendedAtNs + told * 1000
    assert.equal(bytes.toString(), `<${formatMark({ ...MARK, handedOverAtNs })}>`)
    const { whole, damaged } = scan(bytes)
    assert.deepEqual(whole, [{ ...MARK, handedOverAtNs, acceptedAtNs: Number.NaN }])
    assert.deepEqual(damaged, [])
  }
})

test('an intended time is kept in whole microseconds', () => {
  const [found] = scan(formatMark({ ...MARK, intendedAtNs: 5_499, handedOverAtNs: 8_100 })).whole
  assert.equal(found?.intendedAtNs, 5_000)
  assert.equal(found?.handedOverAtNs, 8_000)
})

test('a payload is the mark and then what fills it up, which is found whole', () => {
  for (const payloadBytes of [TEXT.length - 1, TEXT.length, TEXT.length + 1, 128, 1024, 70_000]) {
    const payload = payloadOf(MARK, payloadBytes)
    assert.equal(payload.length, Math.max(TEXT.length, payloadBytes))
    assert.match(payload, /^[A-Za-z0-9_]+$/)
    const { whole, damaged } = scan(`{"data":"${payload}"}${payload}`, payloadBytes)
    assert.equal(whole.length, 2, `${payloadBytes}`)
    assert.deepEqual(damaged, [])
  }
})

test('one changed byte is never a delivery', (context) => {
  const change = fc.record({
    mark,
    payloadBytes: fc.constantFrom(64, 65, 128, 200),
    at: fc.nat(),
    byte: fc.oneof(fc.constantFrom(...Buffer.from('_09azAFrtbmi')), fc.nat({ max: 255 })),
  })
  fc.assert(
    fc.property(change, ({ mark: one, payloadBytes, at, byte }) => {
      const bytes = Buffer.from(payloadOf(one, payloadBytes))
      const place = at % bytes.length
      fc.pre(bytes[place] !== byte)
      bytes[place] = byte
      const { whole, damaged } = scan(bytes, payloadBytes)
      assert.deepEqual(whole, [], bytes.toString('latin1'))
      // Without its beginning it is no mark at all.
      assert.equal(damaged.length, place < 5 ? 0 : 1, bytes.toString('latin1'))
    }),
    runs(context, 5_000),
  )
})

test('a payload that lost, gained or displaced a piece is damaged', (context) => {
  const cut = fc.record({
    mark,
    payloadBytes: fc.constantFrom(128, 300),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    insert: fc.constantFrom('', '\n', '"', 'x', '\r\ndata: ', 'rtbm_'),
  })
  fc.assert(
    fc.property(cut, ({ mark: one, payloadBytes, from, length, insert }) => {
      const payload = payloadOf(one, payloadBytes)
      const at = 5 + (from % (payload.length - 5))
      const changed = payload.slice(0, at) + insert + payload.slice(at + length)
      // What follows a whole payload is another matter.
      fc.pre(!changed.startsWith(payload))
      const { whole, damaged } = scan(`${changed}" } and so on`, payloadBytes)
      assert.deepEqual(whole, [], changed)
      assert.ok(damaged.length > 0)
    }),
    runs(context, 2_000),
  )
})

test('a damaged filler leaves the run to be told, a damaged mark nothing', () => {
  const payload = payloadOf(MARK, 128)
  assert.deepEqual(scan(`${payload.slice(0, 127)}?`, 128).damaged, [MARK.run])
  assert.deepEqual(scan(payload.replace('_12_', '_13_'), 128).damaged, [UNREADABLE])
  // Of another run, whose payloads are longer.
  assert.deepEqual(scan(payload, 256).damaged, [MARK.run])
})

test('what follows a damaged mark is found', () => {
  const payload = payloadOf({ ...MARK, sequence: 4 }, 128)
  const { whole, damaged } = scan(`${TEXT.slice(0, 20)}${payload}${payload}`, 128)
  assert.deepEqual(damaged, [UNREADABLE])
  assert.deepEqual(
    whole.map(({ sequence }) => sequence),
    [4, 4],
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
    assert.deepEqual(scan(text).whole, [{ ...MARK, acceptedAtNs: Number.NaN }], text)
  }
  assert.deepEqual(
    scan(TEXT + other + TEXT).whole.map(({ sequence }) => sequence),
    [3, 4, 3],
  )
})

test('a truncated mark is a damaged one, though the buffer goes on with another one', () => {
  for (let end = 0; end < TEXT.length; end++) {
    const { whole, damaged } = scan(TEXT.slice(0, end))
    assert.deepEqual(whole, [], `${end}`)
    assert.deepEqual(damaged, end < 5 ? [] : [UNREADABLE], `${end}`)
  }
  for (let start = 1; start < TEXT.length; start++) {
    assert.deepEqual(scan(TEXT.slice(start)), { whole: [], damaged: [] }, `${start}`)
  }
})

const WITHOUT_SUM = TEXT.slice(0, -6)
const SUM = TEXT.slice(-6)

for (const text of [
  'rtbm_1_2_3_4_',
  WITHOUT_SUM,
  WITHOUT_SUM.replace('_12_', '__') + SUM,
  WITHOUT_SUM.replace('_12_', '_-12_') + SUM,
  WITHOUT_SUM.replace('_12_', '_12.0_') + SUM,
  WITHOUT_SUM.replace('_3_', '_0_') + SUM,
  WITHOUT_SUM.replace('_3_', '_3e0_') + SUM,
  WITHOUT_SUM.replace('_3_', ' _3_') + SUM,
  WITHOUT_SUM.replace('_0000042_', '_42_') + SUM,
  WITHOUT_SUM.replace('_0000042_', '_0000043_') + SUM,
  WITHOUT_SUM + SUM.toUpperCase(),
  `${WITHOUT_SUM}012345`,
]) {
  test(`${text} is a damaged mark`, () => {
    assert.deepEqual(scan(text), { whole: [], damaged: [UNREADABLE] })
  })
}

for (const text of [
  TEXT.toUpperCase(),
  TEXT.replace('rtbm', 'rtbx'),
  TEXT.replace('rtbm_', 'rtbm-'),
  TEXT.replace('rtbm', 'rtbi'),
]) {
  test(`${text} is no mark`, () => assert.deepEqual(scan(text), { whole: [], damaged: [] }))
}

test('a truncated id leaves the time of the one before', () => {
  const whole = formatEventId(5, 7)
  const [found] = scan(`${whole} rtbi_6_ rtbi__8_ rtbi_9 ${TEXT}`).whole
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

test('the id of a bus is read back, and its time by a scanner', () => {
  const time = fc.integer({ min: 0, max: 2 ** 53 - 1 })
  const epoch = fc.stringMatching(/^[A-Za-z0-9]{1,24}$/)
  const position = fc.integer({ min: 0, max: 10 ** 15 })
  fc.assert(
    fc.property(time, epoch, position, (acceptedAtNs, store, place) => {
      const text = formatBusEventId(acceptedAtNs, store, place)
      assert.deepEqual(parseEventId(text), { acceptedAtNs, epoch: store, position: place })
      assert.equal(acceptanceOf(text), acceptedAtNs)
      const scanner = new MarkScanner()
      const mark = formatMark({
        run: 1,
        channel: 2,
        sequence: 3,
        intendedAtNs: 0,
        handedOverAtNs: 0,
      })
      const bytes = Buffer.from(`id: ${text}\ndata: ${mark}\n`)
      assert.ok(scanner.next(bytes, 0, bytes.length))
      assert.equal(scanner.acceptedAtNs, acceptedAtNs)
    }),
  )
})

test('an id is read back', () => {
  fc.assert(
    fc.property(id, ([epochUs, offsetNs]) => {
      const text = formatEventId(epochUs, offsetNs)
      const acceptedAtNs = epochUs * 1000 + offsetNs
      const epoch = text.split('_')[1] ?? ''
      assert.deepEqual(parseEventId(text), { acceptedAtNs, epoch, position: offsetNs })
      assert.equal(acceptanceOf(text), acceptedAtNs)
    }),
  )
  for (const foreign of [
    ...['', '1', 'rtbi_1_', 'rtbi_1_2', 'rtbi_1_2_ ', ' rtbi_1_2_', 'rtbm_1_2_'],
    ...['rtbi_1_2_a', 'rtbi_1_2_a_', 'rtbi_1_2_a_3', 'rtbi_1_2_a-b_3_', 'rtbi_1_2__3_'],
  ]) {
    assert.equal(parseEventId(foreign), null, foreign)
    assert.equal(acceptanceOf(foreign), Number.NaN, foreign)
  }
})
