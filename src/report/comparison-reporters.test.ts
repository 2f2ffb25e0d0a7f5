import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conclusionOf } from './comparison-reporters.ts'

test('a comparison of nothing does not say that nothing regressed', () => {
  const bare = { scenario: 'a', judgements: [], warnings: [], verdict: 'inconclusive' } as const
  assert.match(conclusionOf({ ...bare, judged: 'nothing' }), /^NOTHING COMPARED: /)
  assert.match(conclusionOf({ ...bare, judged: 'faults' }), /^NOT COMPARED but for faults/)
  assert.match(conclusionOf({ ...bare, judged: 'part' }), /^NOT ALL COMPARED/)
  assert.match(conclusionOf({ ...bare, judged: 'all' }), /^No regression/)
  assert.match(conclusionOf({ ...bare, verdict: 'regressed', judged: 'faults' }), /^REGRESSED: /)
})
