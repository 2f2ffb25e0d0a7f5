import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownUrl } from './bus-url.ts'
import { BACKPLANES, kindOf, openBackplane } from './registry.ts'

test('a kind is known by its schemes, which are its own', () => {
  const schemes = BACKPLANES.flatMap((kind) => kind.schemes)
  assert.equal(new Set(schemes).size, schemes.length)
  for (const kind of BACKPLANES) {
    for (const scheme of kind.schemes) assert.equal(kindOf(`${scheme.toUpperCase()}://a`), kind)
  }
  for (const url of ['', 'redis', '://', 'constructor:', 'http://a'])
    assert.equal(kindOf(url), null)
})

test('what names no kind is refused in a line without secrets', async () => {
  const options = { namespace: 'a', retain: 1, routing: 'broadcast' } as const
  await assert.rejects(openBackplane('amqp://me:word@a/?key=x', options), {
    code: 'cannot-run',
    message: 'no backplane is at amqp://***@a/?key=***',
  })
})

test('a URL is shown without its secrets', () => {
  for (const [url, shown] of [
    ['redis://a:1/0', 'redis://a:1/0'],
    ['redis://:p@ss/w@a', 'redis://***@a'],
    ['redis://u:p@a:1,b:2?x=1&y=2#z', 'redis://***@a:1,b:2?x=***&y=***#z'],
    ['nats://token@a', 'nats://***@a'],
    ['redis:/u:p@a', 'redis://***@a'],
  ] as const) {
    assert.equal(shownUrl(url), shown)
  }
})
