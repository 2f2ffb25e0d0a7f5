import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { causeOf } from './error-cause.ts'

describe('the cause of an error', () => {
  for (const code of ['EMFILE', 'EADDRNOTAVAIL']) {
    it(`is the generator's for ${code}`, () => assert.equal(causeOf(code), `generator-${code}`))
  }

  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'timeout', 'http-500']) {
    it(`is as it comes for ${code}`, () => assert.equal(causeOf(code), code))
  }
})
