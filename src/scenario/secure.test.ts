import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { scenarioOf } from '../experiment/plan.ts'
import { flagLayer } from './layer.ts'

const URL = 'https://127.0.0.1:8443'

function refusalOf(values: Readonly<Record<string, unknown>>): string {
  try {
    scenarioOf([flagLayer(values)])
  } catch (error) {
    assert(error instanceof RtbenchError)
    assert.equal(error.code, 'usage')
    return error.message
  }
  return assert.fail(`taken: ${JSON.stringify(values)}`)
}

for (const [values, expected] of [
  [
    { tls: true, url: URL },
    /^--tls: is for own instances, .*; expected https:\/\/ in url, or no tls$/,
  ],
  [{ tls: true, front: 'haproxy' }, /^--tls: .*haproxy; expected front none, or no tls$/],
  [{ insecure: true }, /^--insecure: .*there is no url; expected a url with https:/],
  [{ ca: 'x.pem', url: 'http://127.0.0.1:1' }, /^--ca: .*is not spoken to by TLS/],
  [{ clientCert: 'x.pem', url: URL }, /^--client-cert: .*expected clientKey, too$/],
  [{ serverName: '127.0.0.1', url: URL }, /^--server-name: "127\.0\.0\.1" is an address/],
  [{ http: '3' }, /^--http: 3 is not spoken here; expected 1 or 2$/],
  [{ streamsPerConnection: '10' }, /^--streams-per-connection: .*expected http: 2, or 1$/],
  [{ http: '2', engine: 'library' }, /^--http: .*expected lean, or http: 1$/],
  [{ http: '2', front: 'nginx' }, /^--http: .*expected front none, or http: 1$/],
] as const) {
  test(`refuses ${JSON.stringify(values)}`, () => {
    const message = refusalOf(values)
    assert.match(message, expected)
    assert.doesNotMatch(message, /\n/)
  })
}

test('takes what goes together', () => {
  const { tls, http, streamsPerConnection } = scenarioOf([
    flagLayer({ tls: true, http: '2', streamsPerConnection: '100' }),
  ])
  assert.deepEqual([tls, http, streamsPerConnection], [true, 2, 100])
  const { insecure, serverName } = scenarioOf([
    flagLayer({ url: URL, insecure: true, serverName: 'a.example' }),
  ])
  assert.deepEqual([insecure, serverName], [true, 'a.example'])
})
