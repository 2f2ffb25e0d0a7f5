import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeMessage, encodeMessage } from './message.ts'

const message = fc.record(
  {
    channel: fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
    type: fc.option(fc.string({ unit: 'binary', maxLength: 128 })),
    data: fc.string({ unit: 'binary', maxLength: 1_000 }),
    acceptedAtNs: fc.double({ min: 0, noNaN: true }),
  },
  { noNullPrototype: true },
)

test('what is written is read, wherever it stands', () => {
  fc.assert(
    fc.property(message, fc.nat(20), (written, before) => {
      const bytes = encodeMessage(written)
      const within = Buffer.concat([Buffer.alloc(before), bytes]).subarray(before)
      assert.deepEqual(decodeMessage(within), written)
    }),
  )
})

test('what is cut off before its data is no message', () => {
  const bytes = encodeMessage({ channel: 'news', type: 'alert', data: '', acceptedAtNs: 1 })
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeMessage(bytes.subarray(0, length)), null)
  }
})
