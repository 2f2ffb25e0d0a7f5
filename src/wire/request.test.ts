import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestHead } from './request.ts'

const TO = { authority: 'host:8080', basePath: '', token: null }

test('is a whole request', () => {
  assert.equal(
    requestHead(TO, '/poll?channel=a'),
    'GET /poll?channel=a HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n\r\n',
  )
})

test('has the base path, the token and further lines', () => {
  assert.equal(
    requestHead({ ...TO, basePath: '/base', token: 't+/=' }, '/sse', 'Accept: a\r\nB: c\r\n'),
    'GET /base/sse HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: rtbench\r\n' +
      'Authorization: Bearer t+/=\r\nAccept: a\r\nB: c\r\n\r\n',
  )
})
