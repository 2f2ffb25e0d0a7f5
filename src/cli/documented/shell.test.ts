import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simpleCommands } from './shell.conformance.ts'

/** A script, and the words of its commands. */
const SCRIPTS: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['one a  b # c', [['one', 'a', 'b']]],
  [`one 'a # b' "c | d"e`, [['one', 'a # b', 'c | de']]],
  ['one \\\n  a\ntwo &\nthree; four', [['one', 'a'], ['two'], ['three'], ['four']]],
  ['one | two && three || four', [['one'], ['two'], ['three'], ['four']]],
  ['one > file 2>> "other file" a', [['one', 'a']]],
  ['one a<b', [['one', 'a<b']]],
  ['source <(one a) $(two)', [['source'], ['one', 'a'], ['two']]],
]

for (const [script, commands] of SCRIPTS) {
  test(`the commands of ${JSON.stringify(script)}`, () => {
    assert.deepEqual(
      simpleCommands(script).map(({ words }) => words),
      commands,
    )
  })
}

test('what is assigned before a command', () => {
  assert.deepEqual(simpleCommands('A=1 B="2 3" one C=4'), [
    { environment: { A: '1', B: '2 3' }, words: ['one', 'C=4'] },
  ])
})
