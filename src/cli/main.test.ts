import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseFewFiles } from './main.ts'
import { createProgram } from './program.ts'

const limitsOf = (files: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             1                    1                    processes \nMax open files            ${files}                 20000                files     \n`

test('refuses what may open too few files to start, and nothing else', () => {
  assert.throws(() => refuseFewFiles(limitsOf('127')), {
    code: 'cannot-run',
    message:
      'a process may open 127 files, and rtbench takes 128 to start; raise the limit (ulimit -n)',
  })
  for (const files of ['128', '20000', 'unlimited']) refuseFewFiles(limitsOf(files))
  refuseFewFiles('')
  refuseFewFiles()
})

test('the list of commands is as each of them has it', async () => {
  const listed = await createProgram('')
  const whole = await createProgram()
  assert.equal(listed.helpInformation(), whole.helpInformation())
})
