import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointDescription } from '../scenario/target.ts'
import { PollDialect, referencePoll } from './poll-dialect.ts'

const TARGET = {
  host: '127.0.0.1',
  port: 80,
  secure: false,
  authority: 'host',
  basePath: '/base',
  token: null,
}
const REFERENCE = referencePoll('/poll?channel={channel}')
const CLIENT = {}

function dialect(endpoint: EndpointDescription): PollDialect {
  return new PollDialect({ ...TARGET, endpoint }, REFERENCE)
}

/** The request's line and what is not in every request. */
function asked(request: string): readonly string[] {
  const [line = '', ...fields] = request.split('\r\n')
  return [line.replace(/^GET (.*) HTTP\/1\.1$/, '$1'), ...fields.slice(3, -2)]
}

/** Tells the headers and the body of an answer; returns the cursor. */
function hear(to: PollDialect, fields: Record<string, string>, body = ''): string | null {
  for (const [name, value] of Object.entries(fields)) {
    const bytes = Buffer.from(`${name}:${value}`, 'latin1')
    to.hear(CLIENT, bytes, 0, name.length, name.length + 1, bytes.length)
  }
  const bytes = Buffer.from(body)
  return to.cursorOf(CLIENT, bytes, 0, bytes.length)
}

const VALIDATORS = dialect({
  path: '/x/{channel}',
  headers: { 'X-A': 'b' },
  cursor: [
    { from: 'header Last-Modified', to: 'header If-Modified-Since' },
    { from: 'header Etag', to: 'header If-None-Match' },
  ],
})

test('speaks to the reference server where nothing is described', () => {
  const reference = new PollDialect(TARGET, REFERENCE)
  assert.deepEqual(asked(reference.request('a b', '')), ['/base/poll?channel=a%20b'])
  const cursor = hear(reference, {}, '{"events":[],"lastEventId":"c/1+"}')
  assert.equal(cursor, 'c/1+')
  assert.deepEqual(asked(reference.request('a', cursor ?? '')), [
    '/base/poll?channel=a&lastEventId=c%2F1%2B',
  ])
  assert.equal(reference.readsHeaders, false)
  assert.deepEqual(
    [200, 304].map((status) => reference.answersBy(status)),
    [true, false],
  )
})

test('asks for a hold where the path has a place for it', () => {
  const held = dialect({ path: '/x/{channel}?wait={hold}ms&c={channel}', cursor: [] })
  assert.deepEqual(asked(held.request('a b', '', 250)), ['/base/x/a%20b?wait=250ms&c=a%20b'])
  const resumed = dialect({
    path: '/x?wait={hold}',
    cursor: [{ from: 'field id', to: 'query since' }],
  })
  assert.deepEqual(asked(resumed.request('a', '{hold}', 30_000)), [
    '/base/x?wait=30000&since=%7Bhold%7D',
  ])
  assert.deepEqual(asked(dialect({ path: '/x' }).request('a', '', 250)), ['/base/x'])
})

test('gives headers back in headers', () => {
  const cursor = hear(VALIDATORS, { 'LAST-MODIFIED': 'Sun, 22 Nov', etag: '"1"', Date: 'now' })
  assert.deepEqual(asked(VALIDATORS.request('news', cursor ?? '')), [
    '/base/x/news',
    'X-A: b',
    'If-Modified-Since: Sun, 22 Nov',
    'If-None-Match: "1"',
  ])
})

test('an answer without a cursor leaves it, one with a part of it replaces all', () => {
  assert.equal(hear(VALIDATORS, { Date: 'now' }), null)
  const cursor = hear(VALIDATORS, { Etag: '2' })
  assert.deepEqual(asked(VALIDATORS.request('news', cursor ?? '')), [
    '/base/x/news',
    'X-A: b',
    'If-None-Match: 2',
  ])
})

test('what an answer said that was cut is forgotten', () => {
  const bytes = Buffer.from('Etag:9')
  VALIDATORS.hear(CLIENT, bytes, 0, 4, 5, 6)
  VALIDATORS.forget(CLIENT)
  assert.equal(hear(VALIDATORS, {}), null)
})

test('the headers of one client are not those of another', () => {
  const bytes = Buffer.from('Etag:9')
  VALIDATORS.hear({}, bytes, 0, 4, 5, 6)
  assert.equal(hear(VALIDATORS, {}), null)
})

test('fields and headers, queries and headers, in any pairing', () => {
  const mixed = dialect({
    path: '/x?c={channel}',
    cursor: [
      { from: 'field id', to: 'header X-Id' },
      { from: 'header X-Place', to: 'query place' },
      { from: 'field at', to: 'query at' },
    ],
  })
  const cursor = hear(mixed, { 'X-Place': 'a&b' }, '{"id":"é","at":"1","id":"ž"}')
  assert.deepEqual(asked(mixed.request('news', cursor ?? '')), [
    '/base/x?c=news&place=a%26b&at=1',
    `X-Id: ${Buffer.from('ž').toString('latin1')}`,
  ])
})

test('the first parameter of a path without a query begins one', () => {
  const plain = dialect({ path: '/x', cursor: [{ from: 'field id', to: 'query since' }] })
  assert.deepEqual(asked(plain.request('', '7')), ['/base/x?since=7'])
})

test('refuses a cursor that would end a header, or that is too long', () => {
  const fields = dialect({ path: '/x', cursor: [{ from: 'field id', to: 'header X-Id' }] })
  assert.throws(() => hear(fields, {}, '{"id":"a\r\nHost: b"}'), { code: 'cursor-syntax' })
  assert.throws(() => hear(VALIDATORS, { Etag: 'x'.repeat(1025) }), { code: 'cursor-too-long' })
})

test('a gap is what the answer begins with', () => {
  const gaps = dialect({ path: '/x', gap: 'LOST' })
  const says = (to: PollDialect, text: string): boolean =>
    to.saysGap(Buffer.from(text), 0, text.length)
  assert.deepEqual(
    ['LOST', 'LOST more', 'not LOST', 'LOS', ''].map((text) => says(gaps, text)),
    [true, true, false, false, false],
  )
  assert.equal(says(dialect({ path: '/x' }), ''), false)
})

test('an answer is taken for empty that is as short as the first ones', () => {
  const polls = new PollDialect(TARGET, REFERENCE)
  const isEmpty = (bytes: number, cursor: string | null, isFirst: boolean): boolean =>
    polls.mayBeEmpty(bytes, cursor, isFirst)
  assert.equal(isEmpty(0, null, false), true)
  assert.equal(isEmpty(20, null, false), false, 'nobody knows yet')
  assert.equal(isEmpty(200, null, true), true, 'the first of all')
  assert.equal(isEmpty(33, 'c123', true), true)
  assert.equal(isEmpty(200, null, true), false, 'a client that came later')
  assert.equal(isEmpty(50, 'c'.repeat(21), false), true, 'a longer cursor')
  assert.equal(isEmpty(37, null, false), true)
  assert.equal(isEmpty(38, null, false), false)
})

test('a first answer that is held until there is an event shows no empty one', () => {
  const polls = dialect({ path: '/{channel}', first: 'held' })
  assert.equal(polls.mayBeEmpty(33, null, true), false)
  assert.equal(polls.mayBeEmpty(0, null, true), true)
})
