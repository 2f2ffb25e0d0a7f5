import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sampleResult } from '../result/sample.conformance.ts'
import { saveResult } from '../result/store.ts'
import { compareLine, namedBySide } from './side-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtbench-sides-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('the sides of a pair are stored by their names, and compared by them', async () => {
  const result = sampleResult()
  const [before, working] = [namedBySide(result, 'origin/main'), namedBySide(result, null)]
  assert.equal(await compareLine(folder, before, working), null)
  const [one, other] = [await saveResult(folder, before), await saveResult(folder, working)]
  assert.match(one.join(), /-all-1000\.origin-main\.json$/)
  assert.match(other.join(), /-all-1000\.working\.json$/)
  assert.equal(await compareLine(folder, before, working), `rtbench compare ${one} ${other}`)
  assert.equal(namedBySide(result, '@').scenario.name, 'all-1000.other')
})
