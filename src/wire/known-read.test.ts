import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownRead } from './known-read.ts'

/** A read stands at the start of a buffer that is larger. */
function read(bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc(64 * 1024, 0xff)
  buffer.set(bytes)
  return buffer
}

test('knows nothing at first, nor a read of nothing', () => {
  const known = new KnownRead()
  assert.equal(known.is(read(Buffer.alloc(0)), 0), false)
  assert.equal(known.is(read(Buffer.alloc(4)), 4), false)
})

test('knows the read kept last by its length and each of its bytes', () => {
  for (const length of [1, 3, 4, 5, 8, 63, 4096]) {
    const known = new KnownRead()
    const bytes = Buffer.from(Array.from({ length }, (_, at) => at * 7 + length))
    known.keep(read(Buffer.alloc(length, 1)), length)
    known.keep(read(bytes), length)
    assert(known.is(read(bytes), length), `${length} bytes`)
    assert.equal(known.is(read(bytes), length - 1), false)
    assert.equal(known.is(read(bytes), length + 1), false)
    for (let at = 0; at < length; at++) {
      const other = read(bytes)
      other[at] = (other[at] as number) ^ 0x80
      assert.equal(known.is(other, length), false, `byte ${at} of ${length}`)
    }
  }
})

test('sees what is read anew into the buffer it has looked at', () => {
  const known = new KnownRead()
  const buffer = read(Buffer.from('first read'))
  known.keep(buffer, 10)
  assert(known.is(buffer, 10))
  buffer.write('other text')
  assert.equal(known.is(buffer, 10), false)
})

test('keeps nothing of a read that is too long, and forgets the one before', () => {
  const known = new KnownRead()
  const long = read(Buffer.alloc(4097, 1))
  known.keep(long, 4)
  known.keep(long, 4097)
  assert.equal(known.is(long, 4097), false)
  assert.equal(known.is(long, 4), false)
})

test('does not know what stands where words cannot be read', () => {
  const known = new KnownRead()
  const bytes = read(Buffer.from('1234'))
  known.keep(bytes, 4)
  const odd = Buffer.from(new ArrayBuffer(64 * 1024), 1)
  odd.write('1234')
  assert.equal(known.is(odd, 4), false)
  assert.equal(known.is(Buffer.from('1234'), 4), false, 'a short one')
  assert(known.is(bytes, 4))
})
