import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act } from './action.ts'

test('refuses what is no term, with what was meant, where that can be guessed', () => {
  assert.throws(() => act(['slpi']), {
    code: 'usage',
    message: 'explain: slpi is no term of a report, did you mean slip?; rtbench explain lists all',
  })
  assert.throws(() => act(['xyzzyxyzzy', '\u001b[2J']), {
    code: 'usage',
    message:
      /^explain: "xyzzyxyzzy \\u001b\[2J" is no term of a report; rtbench explain lists all$/,
  })
})
