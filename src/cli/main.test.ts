import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { refuseFewFiles } from './main.ts'
import { root } from './root.conformance.ts'

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

test('to load the flags takes none of the libraries that measuring, reading and printing take', () => {
  const imports = new Map<string, readonly string[]>()
  const visit = (file: string): void => {
    if (imports.has(file)) return
    const text = readFileSync(file, 'utf8')
    const statics = [...text.matchAll(/^(?:import|export|\}) (?!type )[^;]*?from '([^']+)'/gm)]
    const paths = statics.map(([, path = '']) => path)
    imports.set(file, paths)
    for (const path of paths) {
      if (path.startsWith('.')) visit(join(dirname(file), path))
    }
  }
  visit(join(root, 'dist/cli/main.js'))
  const libraries = new Set(
    [...imports.values()].flat().filter((path) => /^[@a-z](?!ode:)/.test(path)),
  )
  assert.deepEqual([...libraries].sort(), ['@commander-js/extra-typings'])
  assert.ok(imports.size > 20, 'the flags of all commands were looked at')
})
