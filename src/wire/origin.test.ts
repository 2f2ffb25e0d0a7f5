import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originOf } from './origin.ts'

test('an origin has its scheme, and brackets around an IPv6 address', () => {
  assert.equal(originOf({ secure: false, host: '127.0.0.1', port: 80 }), 'http://127.0.0.1:80')
  assert.equal(originOf({ secure: true, host: '::1', port: 443 }, 'ws'), 'wss://[::1]:443')
})
