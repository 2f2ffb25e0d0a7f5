import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { Gate } from './gate.ts'

function asking(headers: Record<string, string>): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  Object.assign(request.headers, headers)
  return request
}

const ANYWHERE = '0.0.0.0'
const NO_QUERY = new URLSearchParams()

test('an open gate lets in who is no browser', () => {
  const gate = new Gate(null, [], ANYWHERE)
  assert.equal(gate.check(asking({}), NO_QUERY), null)
  assert.equal(gate.allowedOrigin(asking({})), null)
})

for (const [origin, host, allowed] of [
  ['https://app.example', 'api.example', true],
  ['http://api.example', 'api.example', true],
  ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
  ['http://127.0.0.1', '127.0.0.1:8080', false],
  ['http://app.example', 'api.example', false],
  ['https://app.example:444', 'api.example', false],
  ['https://app.example.evil.example', 'api.example', false],
  ['HTTPS://APP.EXAMPLE', 'api.example', false],
  ['null', 'api.example', false],
  ['http://', '', true],
  ['', 'api.example', false],
] as const) {
  test(`a page of '${origin}' at ${host || 'no host'}: ${allowed ? 'in' : '403'}`, () => {
    const gate = new Gate(null, ['https://app.example'], ANYWHERE)
    const request = asking({ origin, host })
    assert.equal(gate.check(request, NO_QUERY)?.status, allowed ? undefined : 403)
    assert.equal(gate.allowedOrigin(request), allowed ? origin : null)
  })
}

for (const [authorization, query, allowed] of [
  [undefined, '', false],
  ['Bearer s3cret', '', true],
  ['bearer   s3cret', '', true],
  [undefined, 'token=s3cret', true],
  [undefined, 'token=s3cre', false],
  [undefined, 'token=', false],
  [undefined, 'Token=s3cret', false],
  ['Bearer s3cret2', '', false],
  ['Bearer S3CRET', '', false],
  ['Bearer', '', false],
  ['Bearer s3cret x', '', false],
  ['Basic s3cret', '', false],
  // A wrong header is not made good by the query.
  ['Bearer wrong', 'token=s3cret', false],
] as const) {
  test(`${authorization ?? 'no header'} and '${query}': ${allowed ? 'in' : '401'}`, () => {
    const gate = new Gate('s3cret', [], ANYWHERE)
    const request = asking(authorization === undefined ? {} : { authorization })
    const refusal = gate.check(request, new URLSearchParams(query))
    assert.equal(refusal?.status, allowed ? undefined : 401)
  })
}

for (const [site, origin, allowed] of [
  ['cross-site', undefined, false],
  ['cross-site', 'https://app.example', true],
  ['cross-site', 'https://evil.example', false],
  ['same-site', undefined, true],
  ['same-origin', undefined, true],
  ['none', undefined, true],
] as const) {
  test(`a ${site} request of ${origin ?? 'no origin'}: ${allowed ? 'in' : '403'}`, () => {
    const gate = new Gate(null, ['https://app.example'], ANYWHERE)
    const headers = { host: 'api.example', 'sec-fetch-site': site }
    const request = asking(origin === undefined ? headers : { ...headers, origin })
    assert.equal(gate.check(request, NO_QUERY)?.status, allowed ? undefined : 403)
  })
}

test('a token opens no gate to a page of another origin', () => {
  const gate = new Gate('s3cret', ['https://app.example'], ANYWHERE)
  const query = new URLSearchParams('token=s3cret')
  assert.equal(gate.check(asking({ origin: 'https://evil.example' }), query)?.status, 403)
  assert.equal(gate.check(asking({ origin: 'https://app.example' }), query), null)
  assert.equal(gate.check(asking({ origin: 'https://app.example' }), NO_QUERY)?.status, 401)
})

for (const [host, listensOn, allowed] of [
  ['localhost', '127.0.0.1', true],
  ['LOCALHOST:8080', '127.0.0.1', true],
  ['127.0.0.1:8080', 'localhost', true],
  ['127.1.2.3', '127.1.2.3', true],
  ['[::1]:8080', '::1', true],
  ['App.example:8443', '127.0.0.1', true],
  ['app.example', '127.0.0.1', false],
  ['evil.example:8080', '127.0.0.1', false],
  ['evil.example', '::1', false],
  ['localhost.evil.example', 'localhost', false],
  ['127.0.0.1.evil.example', '127.0.0.1', false],
  ['', '127.0.0.1', false],
  ['evil.example', '0.0.0.0', true],
  ['server.example', '192.0.2.1', true],
] as const) {
  test(`a request for '${host}' at ${listensOn}: ${allowed ? 'in' : '403'}`, () => {
    const gate = new Gate(null, ['https://app.example:8443'], listensOn)
    assert.equal(gate.check(asking({ host }), NO_QUERY)?.status, allowed ? undefined : 403)
    const page = asking({ host, origin: `http://${host}` })
    assert.equal(gate.check(page, NO_QUERY)?.status, allowed ? undefined : 403)
    assert.equal(gate.allowedOrigin(page), allowed ? `http://${host}` : null)
  })
}

test('who sends no Host is no browser', () => {
  assert.equal(new Gate(null, [], '127.0.0.1').check(asking({}), NO_QUERY), null)
})
