import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Disguise, disguiseOf } from './disguise.ts'
import { formatMark } from './mark.ts'

const MARK = formatMark({
  run: 4_294_967_295,
  channel: 12,
  sequence: 3,
  intendedAtNs: 5e14,
  handedOverAtNs: 5e14,
})

function seen(message: string | Buffer): Disguise | null {
  // Between bytes that are no part of it.
  const bytes = Buffer.concat([
    Buffer.from('rtbm_'),
    Buffer.from(message as string),
    Buffer.from('rtbm_'),
  ])
  return disguiseOf(bytes, 5, bytes.length - 5)
}

test('base64 is known wherever the mark stands in it', () => {
  for (const form of ['base64', 'base64url'] as const) {
    for (let before = 0; before < 12; before++) {
      const encoded = Buffer.from('€:"x\n'.repeat(3).slice(0, before) + MARK).toString(form)
      assert.equal(seen(`{"data":"${encoded}"}`), 'base64', encoded)
    }
  }
})

for (const [disguise, message] of [
  ['hex', `{"data":"${Buffer.from(MARK).toString('hex')}"}`],
  ['hex', Buffer.from(`x${MARK}`).toString('hex').toUpperCase()],
  ['utf-16', Buffer.from(MARK, 'utf16le')],
  ['utf-16', Buffer.from(`\ufeff"${MARK}"`, 'utf16le').swap16()],
  ['gzip', gzipSync(MARK)],
  ['gzip-base64', gzipSync(MARK).toString('base64')],
  ['cut', `{"data":"${MARK.slice(0, 20)}…"}`],
  ['cut', MARK.slice(0, -1)],
  [null, ''],
  [null, '{"type":"ping"}'],
  [null, 'rtbm'],
  [null, Buffer.from('another text, in base64').toString('base64')],
] as const) {
  test(`${disguise ?? 'nothing'} is seen in ${JSON.stringify(message.toString('latin1' as 'utf8')).slice(0, 60)}`, () => {
    assert.equal(seen(message as string), disguise)
  })
}
