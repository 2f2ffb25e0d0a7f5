import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { namedBySide } from '../../gate/pair.ts'
import { sampleResult } from '../../result/sample.conformance.ts'
import { saveResult } from '../../result/store.ts'
import { assertWritable } from '../output.ts'
import { assertNoInput, compareLine, writeFirstReport } from './publish.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtbench-places-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'file')
writeFileSync(file, 'kept')

test('a folder that can be written is as it was afterwards', async () => {
  await assertWritable(join(folder, 'new', 'out'), '--out')
  await assertWritable(folder, '--out')
  assert.deepEqual(readdirSync(folder), ['file'])
})

test('what cannot be written is a wrong flag, by its name', async () => {
  const below = join(file, 'out')
  await assert.rejects(assertWritable(below, '--out'), {
    code: 'usage',
    message: `--out: ${below} cannot be written: a part of its path is a file; name another folder by --out`,
  })
  await assert.rejects(writeFirstReport(folder, '<a/>'), {
    code: 'usage',
    message: `--junit: ${folder} cannot be written: a folder is in its place; name another file by --junit`,
  })
  assert.equal(readFileSync(file, 'utf8'), 'kept')
})

test('a report takes no place of a scenario, nor of a baseline', async () => {
  const refused = (junit: string, baseline: string | null): Promise<void> =>
    assert.rejects(assertNoInput(junit, ['a.yaml', file], baseline), { code: 'usage' })
  await refused(`${folder}/./file`, null)
  await refused(join(folder, 'base', 'chat.json'), join(folder, 'base'))
  await symlink(file, join(folder, 'link'))
  await refused(join(folder, 'link'), null)
  await assertNoInput(join(folder, 'junit.xml'), ['a.yaml', file], join(folder, 'base'))
  await assertNoInput(join(folder, 'based', 'junit.xml'), [], join(folder, 'base'))
})

test('the sides of a pair are stored by their names, and compared by them', async () => {
  const sides = join(folder, 'sides')
  const result = sampleResult()
  const [before, working] = [namedBySide(result, 'origin/main'), namedBySide(result, null)]
  assert.equal(await compareLine(sides, before, working), null)
  const [one, other] = [await saveResult(sides, before), await saveResult(sides, working)]
  assert.match(one.join(), /-all-1000\.origin-main\.json$/)
  assert.match(other.join(), /-all-1000\.working\.json$/)
  assert.equal(await compareLine(sides, before, working), `rtbench compare ${one} ${other}`)
  assert.equal(namedBySide(result, '@').scenario.name, 'all-1000.other')
})
