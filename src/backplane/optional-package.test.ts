import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadOptional } from './optional-package.ts'

const URL = 'redis://me:word@a'

test('a package that is there is loaded', async () => {
  const { join } = await loadOptional(URL, 'path', () => import('node:path'))
  assert.equal(join('a', 'b'), 'a/b')
})

test('one that is not is said with the command that installs it', async () => {
  // Not to be found by whoever compiles this.
  const name: string = '@rtbench/not-there'
  await assert.rejects(
    loadOptional(URL, 'there@1 also@2', () => import(name)),
    {
      code: 'cannot-run',
      message:
        '--backplane redis://***@a: what it needs is not installed: npm install there@1 also@2',
    },
  )
})

test('one that is broken is said with its fault', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('bad\nbuild'))
  await assert.rejects(loadOptional(URL, 'there@1', broken), {
    code: 'cannot-run',
    message:
      '--backplane redis://***@a: what it needs cannot be loaded (bad build): npm install there@1',
  })
})
