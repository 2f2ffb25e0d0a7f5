import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CookieJar } from './cookie-jar.ts'

/** What a jar has after these Set-Cookie fields. */
function kept(...fields: readonly string[]): string {
  const jar = new CookieJar()
  for (const field of fields) jar.take(field)
  return jar.text
}

const CASES: readonly (readonly [why: string, fields: readonly string[], text: string])[] = [
  ['nothing', [], ''],
  ['what HAProxy sets', ['rtbench=i2; path=/; HttpOnly'], 'rtbench=i2'],
  ['a bare pair', ['a=b'], 'a=b'],
  ['several, in the order of their coming', ['a=1', 'b=2; Path=/', 'c=3'], 'a=1; b=2; c=3'],
  ['the newest of a name, in the place of the first', ['a=1', 'b=2', 'a=3'], 'a=3; b=2'],
  ['a value with an equals sign, quotes and blanks', ['a = "x=y z" ; Secure'], 'a="x=y z"'],
  ['an empty value', ['a=; Path=/'], 'a='],
  ['one that lasts', ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], 'a=1'],
  ['none that is over by its age', ['a=1', 'b=2', 'a=; max-age=0'], 'b=2'],
  ['none that is over by less than nothing', ['a=1', 'a=x; Max-Age=-5'], ''],
  ['none that is over by its date', ['a=1', 'a=; Expires=Thu, 01-Jan-1970 00:00:01 GMT'], ''],
  ['one whose date nobody understands', ['a=1; Expires=soon'], 'a=1'],
  ['nothing that is no pair', ['', 'a', '=b', 'a b=c', '; a=b', 'ä=1', 'a=b\r\nX: y'], ''],
]

for (const [why, fields, text] of CASES) {
  test(`keeps ${why}`, () => assert.equal(kept(...fields), text))
}

test('keeps no more than a browser would, and what it has stays', () => {
  const many = Array.from({ length: 100 }, (_, at) => `c${at}=1`)
  assert.equal(kept(...many).split('; ').length, 16)
  assert.equal(kept('a=1', `b=${'x'.repeat(5_000)}`), 'a=1')
  assert.equal(kept('a=1', `a=${'x'.repeat(5_000)}`), 'a=1')
  assert.equal(kept(...many, 'c3=new').includes('c3=new'), true)
})
