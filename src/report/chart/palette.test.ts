import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transports } from '../../transports/registry.ts'
import { HUES, huesFor } from './palette.ts'

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (bright + 0.05) / (dim + 0.05)
}

test('every line stands out from the page, by day and by night', () => {
  for (const { light, dark } of HUES) {
    assert.ok(contrast(light, '#fdfdfc') >= 4.5, light)
    assert.ok(contrast(dark, '#15191d') >= 4.5, dark)
  }
})

test('no two lines have one dash: nobody needs the colours', () => {
  const dashes = HUES.map(({ dash }) => dash.join(' '))
  assert.equal(new Set(dashes).size, dashes.length)
  // A dash and a gap, as the style sheet repeats them.
  for (const { dash } of HUES) assert.equal(dash.length % 2, 0)
})

test('each technique of the program has one hue on every page, and others have other ones', () => {
  const known = transports.map(({ name }) => name)
  const free = known.length
  const [poll, sse] = [known.indexOf('short-poll'), known.indexOf('sse')]
  assert.deepEqual(huesFor(known), [...known.keys()])
  for (const [i, name] of known.entries()) assert.deepEqual(huesFor([name]), [i])
  assert.deepEqual(huesFor(['mine', 'sse', 'yours', 'short-poll']), [free, sse, free + 1, poll])
  // Lines of a sweep, one a value.
  assert.deepEqual(huesFor(['sse', 'short-poll', 'short-poll', 'sse']), [sse, poll, free, free + 1])
  const many = huesFor(['sse', ...'abcdefg'])
  assert.equal(new Set(many).size, HUES.length)
  assert.equal(huesFor([...'abcdefghij']).length, 10)
})
