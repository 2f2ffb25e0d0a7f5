import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { drawnResult, drawnRun } from '../report/html/page-sample.conformance.ts'
import { reporters } from '../report/reporters.ts'
import { serialiseResult } from '../result/store.ts'
import { assertRefused, folder, run } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'

const repeated = drawnResult({
  runs: [drawnRun('sse'), drawnRun('websocket'), drawnRun('sse', 5, { repetition: 2 })],
})
writeFileSync(join(folder, 'one.json'), serialiseResult(drawnResult()))
writeFileSync(join(folder, 'two.json'), serialiseResult(repeated))
mkdirSync(join(folder, 'other'))
writeFileSync(join(folder, 'other', 'one.json'), serialiseResult(drawnResult()))

describe('report', { concurrency: 2 }, () => {
  for (const { name, renderRuns } of reporters.filter(({ name }) => name !== 'table')) {
    it(`writes ${name} of several results`, async () => {
      const args = ['report', 'one.json', 'two.json', '--format', name]
      const chosen = renderRuns === undefined ? [] : ['--transport', 'sse', '--repetition', '2']
      const { code, stdout, stderr } = await runResident([...args, ...chosen])
      assert.deepEqual([code, stderr], [0, ''])
      assert.ok(stdout.length > 500)
      if (name === 'json') assert.equal(JSON.parse(stdout).length, 2)
      if (name === 'html') assert.match(stdout, /^<!doctype html>\n[\s\S]*2 results side by side/)
      if (name === 'junit') assert.equal(stdout.match(/<\?xml|<testsuite /g)?.length, 3)
      if (name === 'csv') assert.equal(stdout.trim().split('\r\n').length, 1 + 4 + 3)
    })
  }

  it('writes to a file, and to a folder under names of its own', async (context) => {
    const { code, stdout, stderr } = await run(context, [
      ...['report', 'one.json', '--format', 'html', '--out', 'pages/one.html'],
    ])
    assert.deepEqual([code, stdout, stderr], [0, '', 'wrote pages/one.html\n'])
    assert.match(readFileSync(join(folder, 'pages', 'one.html'), 'utf8'), /^<!doctype html>/)
    await run(context, ['report', 'two.json', '--format', 'csv', '--out', 'pages'])
    const several = ['report', 'one.json', 'other/one.json', '--format', 'hgrm', '--out', 'curves']
    assert.equal((await run(context, [...several, '--transport', 'sse'])).code, 0)
    assert.deepEqual(readdirSync(join(folder, 'pages')).sort(), ['one.html', 'two.csv'])
    assert.deepEqual(readdirSync(join(folder, 'curves')).sort(), ['one-sse-2.hgrm', 'one-sse.hgrm'])
  })

  it('shows what is chosen of a result', async () => {
    const args = ['report', 'two.json', '--format', 'json', '--transport', 'EventSource']
    const { stdout } = await runResident([...args, '--repetition', '2'])
    const { runs } = JSON.parse(stdout)
    assert.deepEqual([runs.length, runs[0].transport, runs[0].repetition], [1, 'sse', 2])
  })

  it('refuses what it cannot do, in a line', async () => {
    const report = (...args: string[]) => runResident(['report', ...args])
    assertRefused(
      await report('two.json', '--format', 'hgrm'),
      2,
      /--format hgrm: each of the 3 runs is a file of its own; choose one by --transport/,
    )
    assertRefused(await report('one.json', '--format', 'htm'), 2, /unknown format htm.*html/)
    assertRefused(await report('one.json', '--transport', 'ssee'), 2, /no run of ssee.*sse/)
    assertRefused(await report('one.json', '--repetition', '7'), 2, /no run is repetition 7/)
    assertRefused(await report('one.json', '--repetition', 'x'), 2, /x is no repetition/)
    assertRefused(await report('one.json', 'gone.json'), 1, /gone\.json: no such file/)
    for (const out of ['two.json', './other/../two.json', '.']) {
      const before = readFileSync(join(folder, 'two.json'), 'utf8')
      const args = ['two.json', '--format', 'json', '--transport', 'sse', '--out', out]
      assertRefused(await report(...args), 2, /two\.json is the result itself/)
      assert.equal(readFileSync(join(folder, 'two.json'), 'utf8'), before)
    }
    const under = join('one.json', 'page.html')
    assertRefused(await report('one.json', '--out', under), 6, /not written/)
    assert.equal(existsSync(join(folder, 'page.html')), false)
  })
})
