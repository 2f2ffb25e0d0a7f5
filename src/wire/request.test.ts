import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RequestTemplate, Template } from './request.ts'

const TO = { authority: 'host:8080', basePath: '', token: null }

test('is a whole request', () => {
  assert.equal(
    new RequestTemplate(TO, '/poll?channel=a').head(''),
    'GET /poll?channel=a HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n' +
      'Accept-Encoding: identity\r\n\r\n',
  )
})

test('has the base path, the token and further lines', () => {
  const to = { ...TO, basePath: '/base', token: 't+/=' }
  assert.equal(
    new RequestTemplate(to, '/sse', { Accept: 'a' }).head('', '?x=1', 'B: c\r\n'),
    'GET /base/sse?x=1 HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n' +
      'Accept-Encoding: identity\r\nAuthorization: Bearer t+/=\r\nAccept: a\r\nB: c\r\n\r\n',
  )
})

test('names the channel wherever it is asked to', () => {
  const request = new RequestTemplate(TO, '/{channel}/events?of={channel}', { 'X-Of': '{channel}' })
  assert.equal(
    request.head('a b\r\nc', '&x=1'),
    'GET /a%20b%0D%0Ac/events?of=a%20b%0D%0Ac&x=1 HTTP/1.1\r\nHost: host:8080\r\n' +
      'User-Agent: rtbench\r\nAccept-Encoding: identity\r\nX-Of: a%20b%0D%0Ac\r\n\r\n',
  )
})

test('an Authorization of its own stands for the token', () => {
  const request = new RequestTemplate({ ...TO, token: 'no' }, '/', { authorization: 'Basic eA==' })
  assert.equal(
    request.head(''),
    'GET / HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n' +
      'Accept-Encoding: identity\r\nauthorization: Basic eA==\r\n\r\n',
  )
})

test('an Accept-Encoding of its own stands for rtbench’s', () => {
  const request = new RequestTemplate(TO, '/', { 'accept-Encoding': 'identity, *;q=0' })
  assert.equal(
    request.head(''),
    'GET / HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n' +
      'accept-Encoding: identity, *;q=0\r\n\r\n',
  )
})

test('names its client where a front goes by that, after whatever else is asked', () => {
  const to = { ...TO, clientKey: 'client' }
  const asker = { key: '17', cookies: '' }
  const pathOf = (path: string, query: string): string =>
    new RequestTemplate(to, path).head('', query, '', '', asker).split(' ')[1] ?? ''
  assert.equal(pathOf('/ws', ''), '/ws?client=17')
  assert.equal(pathOf('/ws', '?after=1'), '/ws?after=1&client=17')
  assert.equal(pathOf('/poll?channel=a', ''), '/poll?channel=a&client=17')
  assert.equal(pathOf('/poll?channel=a', '&after=1'), '/poll?channel=a&after=1&client=17')
  // Whom nobody asks for it does not say so.
  assert.doesNotMatch(new RequestTemplate(TO, '/ws').head('', '', '', '', asker), /17/)
})

test('brings its cookies in one field, with those that it is told to bring', () => {
  const cookied = (headers: Readonly<Record<string, string>>): readonly string[] =>
    new RequestTemplate(TO, '/', headers)
      .head('c', '', 'B: c\r\n', '', { key: '', cookies: 'a=$1; b=2' })
      .split('\r\n')
      .slice(4)
  assert.deepEqual(cookied({}), ['B: c', 'Cookie: a=$1; b=2', '', ''])
  assert.deepEqual(cookied({ cookie: 'x={channel}', 'X-Cookie': 'y' }), [
    'cookie: x=c; a=$1; b=2',
    'X-Cookie: y',
    'B: c',
    '',
    '',
  ])
})

const CASES: readonly (readonly [text: string, filled: string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['{a}', '1'],
  ['/x/{a}', '/x/1'],
  ['{a}{b}{a}', '121'],
  ['<{b}|{a}>', '<2|1>'],
  ['{{a}} {c} {', '{1} {c} {'],
]

for (const [text, filled] of CASES) {
  test(`fills in ${JSON.stringify(text)}`, () => {
    assert.equal(new Template(text, '{a}', '{b}').fill('1', '2'), filled)
  })
}

test('leaves alone what is no blank of it', () => {
  assert.equal(new Template('{a}{b}', '{a}').fill('1', '2'), '1{b}')
})

test('a value is never read as a blank', () => {
  assert.equal(new Template('{a}{b}', '{a}', '{b}').fill('{b}', '{a}'), '{b}{a}')
})

test('does what replacing does', () => {
  const piece = fc.constantFrom('{a}', '{b}', '{', '}', 'a', '/', '{ab}')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('')
      const expected = text.replaceAll('{a}', 'ONE').replaceAll('{b}', 'TWO')
      assert.equal(new Template(text, '{a}', '{b}').fill('ONE', 'TWO'), expected)
    }),
  )
})
