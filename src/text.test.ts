import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inert, printable, printableLines } from './text.ts'

test('takes escape codes and line ends out', () => {
  assert.equal(printable('a\u001b[31mb\r\nc\u202ed'), 'a [31mb c d')
})

test('takes apart what a CI would act on', () => {
  assert.equal(printable('##[error]x ## y ##vso[z]'), '# #[error]x ## y # #vso[z]')
  assert.equal(inert('a::b\n  ::error::c\n:d'), 'a::b\n  : :error::c\n:d')
})

test('keeps the lines of several, and how they are indented', () => {
  assert.equal(printableLines('a\n    at b (c.js)\n\nd\n'), 'a\n    at b (c.js)\n\nd\n')
  assert.equal(printableLines('a\r\n  \u001b]0;b\u0007\n::error::c'), 'a\n  ]0;b\n: :error::c')
})
