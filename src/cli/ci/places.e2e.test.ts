import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertRefused, folder, run } from '../command.conformance.ts'

writeFileSync(join(folder, 'short.yaml'), 'transport: sse\nclients: 10\n')
writeFileSync(join(folder, 'file'), '')

test('a place that cannot be written is refused before anything is measured', async (context) => {
  // There is no server: it would be exit 1 with another line.
  const args = ['ci', 'short.yaml', '--quiet', '--url', 'http://127.0.0.1:9']
  const refused = /^rtbench: --\w+: file\/\S+ cannot be written: /
  for (const flag of [
    ['--junit', 'file/junit.xml'],
    ['--out', 'file/out'],
  ]) {
    assertRefused(await run(context, [...args, ...flag]), 2, refused)
  }
})

test('an invocation that fails leaves no report of an earlier one, and tells GitHub why', async (context) => {
  const summary = join(folder, 'failed.md')
  const old = join(folder, 'old.xml')
  writeFileSync(old, '<testsuites/>')
  const flags = ['ci', 'absent.yaml', '--junit', 'old.xml']
  const { code, stdout } = await run(context, flags, {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: summary,
  })
  assert.match(readFileSync(old, 'utf8'), /<error message="absent\.yaml: [^"]+" type="failed"\/>/)
  assert.match(readFileSync(summary, 'utf8'), /^## rtbench: failed\n\nabsent\.yaml: /)
  assert.match(stdout, /^::error title=rtbench ci::absent\.yaml: /)
  assert.equal(code, 2)
})
