import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markup } from '../markup.ts'
import { prose } from './parts.ts'

test('what is code is code, flags stay whole, and all else is text', () => {
  const shown = (text: string): string => `${markup`${prose(text)}`}`
  assert.equal(
    shown('rows of `Mean, <b>` & a longer --ramp-up; or --workers'),
    'rows of <code>Mean, &lt;b&gt;</code> &amp; a longer <span class="flag">--ramp-up</span>; or <span class="flag">--workers</span>',
  )
  assert.equal(shown('a `lone tick, x--y and -- alone'), 'a `lone tick, x--y and -- alone')
})
