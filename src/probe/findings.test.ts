import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TechniqueFacts } from './examination.ts'
import { bufferText, findingsOf } from './findings.ts'
import { cellOf, sentenceOf, type WayFacts } from './matrix.ts'

const FINE: TechniqueFacts = {
  technique: 'sse',
  blocked: null,
  delayMs: 2,
  heldBytes: null,
  heldWhenHinted: null,
  ordered: true,
  coding: null,
  cutAfterMs: null,
  cutBy: null,
  silentMs: 70_000,
  heartbeatMs: null,
}

/** The codes, outcomes and fixes of a technique's findings. */
function found(change: Partial<TechniqueFacts>) {
  return new Map(findingsOf([{ ...FINE, ...change }], null, null).map((one) => [one.code, one]))
}

test('a way without fault has nothing to mend', () => {
  for (const technique of ['short-poll', 'long-poll', 'sse', 'websocket']) {
    const all = [...found({ technique }).values()]
    assert.ok(all.length >= 2, technique)
    for (const { outcome, fix } of all) assert.deepEqual([outcome, fix], ['ok', null])
  }
})

test('each fault is told with what mends it', () => {
  const cases: readonly (readonly [Partial<TechniqueFacts>, string, RegExp, RegExp])[] = [
    [{ heldBytes: 3861 }, 'sse-held', /until 4 KiB/, /X-Accel-Buffering: no, which nginx/],
    [{ heldBytes: 3861, heldWhenHinted: false }, 'sse-held', /4 KiB/, /was seen to help/],
    [{ heldBytes: 3861, heldWhenHinted: true }, 'sse-held', /4 KiB/, /^turn buffering off/],
    [{ heldBytes: 9000, coding: 'gzip' }, 'sse-held', /9 KiB.*gzip/, /gzip_types/],
    [{ delayMs: 206 }, 'sse-late', /206 ms late/, /http-no-delay/],
    [{ delayMs: null }, 'sse-delivery', /no event came/, /what answers there/],
    [{ ordered: false }, 'sse-order', /did not come whole/, /cache/],
    [{ cutAfterMs: 5012, cutBy: 'closed' }, 'sse-cut', /after 5 s$/, /every 4 s, or raise/],
    [{ cutAfterMs: 60_000, cutBy: 'silent' }, 'sse-cut', /neither end is told/, /every 48 s/],
  ]
  for (const [change, code, text, fix] of cases) {
    const finding = found(change).get(code)
    assert.match(finding?.text ?? '', text)
    assert.match(finding?.fix ?? '', fix)
    assert.notEqual(finding?.outcome, 'ok')
  }
  const cut = { technique: 'long-poll', cutAfterMs: 10_004, cutBy: '504' }
  assert.match(found(cut).get('long-poll-cut')?.text ?? '', /held poll is cut after 10 s \(504\)/)
  assert.match(found(cut).get('long-poll-cut')?.fix ?? '', /^hold polls for 8 s at most/)
})

test('a stripped upgrade has a line of its own, and nothing else is said of what is blocked', () => {
  const stripped = found({ technique: 'websocket', blocked: 'was answered 426' })
  assert.deepEqual([...stripped.keys()], ['websocket-blocked'])
  assert.match(stripped.get('websocket-blocked')?.text ?? '', /strips Upgrade/)
  const refused = found({ technique: 'websocket', blocked: 'was answered 403' })
  assert.doesNotMatch(refused.get('websocket-blocked')?.text ?? '', /strips/)
  const gone = found({ technique: 'short-poll', blocked: 'was answered 404' })
  assert.match(gone.get('short-poll-blocked')?.fix ?? '', /path/)
})

test('what a server with a heartbeat says of long silences is that they are not known', () => {
  const { outcome, text } = found({ heartbeatMs: 15_000 }).get('sse-silence') ?? assert.fail()
  assert.equal(outcome, 'unknown')
  assert.match(text, /within 15 s/)
})

test('a buffer is told to the next KiB', () => {
  assert.deepEqual([3861, 4096, 4097].map(bufferText), ['4 KiB', '4 KiB', '5 KiB'])
})

test('what is offered and held is told', () => {
  const offered = { versions: ['http/1.1'], extendedConnect: null, connectStatus: 200 }
  const all = new Map(
    findingsOf([], offered, { asked: 32, held: 20 }).map((one) => [one.code, one]),
  )
  assert.match(all.get('http-versions')?.text ?? '', /at most 6 connections/)
  assert.equal(all.get('connect')?.outcome, 'warn')
  assert.match(all.get('connections')?.text ?? '', /of 32 held at once, 20/)
})

const way = (label: string, configuration: string, facts: Partial<TechniqueFacts>): WayFacts => ({
  ...{ program: label.toLowerCase(), label, version: '1', configuration, role: 'reverse' },
  techniques: [{ ...FINE, ...facts }],
})

test('a cell is a few words, and a sentence the sum of a column', () => {
  assert.equal(cellOf(FINE), 'at once')
  assert.equal(
    cellOf({ ...FINE, heldBytes: 3861, heldWhenHinted: false }),
    'held back until 4 KiB (unless X-Accel-Buffering: no)',
  )
  assert.equal(cellOf({ ...FINE, blocked: 'was answered 426' }), 'blocked (426)')
  assert.equal(
    cellOf({ ...FINE, delayMs: 206, cutAfterMs: 50_000, cutBy: '504', coding: 'gzip' }),
    '206 ms late; cut after 50 s (504); compressed (gzip)',
  )
  const ways = [
    way('nginx', 'default', { heldBytes: 3861, cutAfterMs: 60_000 }),
    way('nginx', 'recommended', {}),
    way('HAProxy', 'default', { delayMs: 206, cutAfterMs: 50_000 }),
    way('Squid', 'default', { blocked: 'was answered 403' }),
  ]
  assert.equal(
    sentenceOf('sse', ways),
    "passes 1 of 4; Squid's defaults block it; nginx's defaults hold events back until 4 KiB; HAProxy's defaults deliver 206 ms late; silence is cut by 2, from 50 s on",
  )
})
