import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { folder } from '../command.conformance.ts'
import { believable, ci, ONCE, serve, writeShort } from './stored-baseline.conformance.ts'

const BASELINE = 'baseline'
writeShort(5)

suite('times against stored baselines', { concurrency: false }, () => {
  test('a server against itself is no regression', async (context) => {
    const flags = ['--baseline', BASELINE, '--url']
    const url = await serve(context)
    const made = await believable(() => ci(context, [...flags, url, '--update-baseline']))
    assert.match(made.stderr, /^stored baseline\/short\.json$/m)
    assert.equal(made.code, 0)

    // Of a busy machine less would be much to ask: the test is of the way, not of the statistics.
    const same = await ci(context, [...flags, url, '--min-change', '100%'])
    assert.doesNotMatch(same.stdout, / regressed: /)
    if (same.code === 4) assert.match(same.stdout, / cannot tell| invalid /)
    else assert.equal(same.code, 0, same.stdout)
  })

  test('a server that is 20 ms later is a regression, in times and not in bytes', async (context) => {
    const flags = ['--baseline', BASELINE, '--url']
    const summary = join(folder, 'summary.md')
    const late = await serve(context, '--fault', 'delay=20ms')
    const slow = await believable(() => {
      writeFileSync(summary, '# Before\n')
      return ci(context, [...flags, late, '--junit', 'out/junit.xml'], {
        GITHUB_ACTIONS: 'true',
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: join(folder, '..'),
      })
    })
    assert.match(
      slow.stdout,
      /Push latency p50 regressed: .* → (?:[2-9]\d|\d{3})(?:\.\d+)? ms \(\+/,
    )
    const place = `${folder.split('/').at(-1)}/short.yaml`
    const annotation = `::error file=${place},title=short%2C Server-Sent Events%3A regressed::`
    assert(
      slow.stdout.split('\n').some((line) => line.startsWith(annotation)),
      slow.stdout,
    )
    assert.match(readFileSync(summary, 'utf8'), /^# Before\n## rtbench: regressed\n\n\| Scenario/)
    const xml = readFileSync(join(folder, 'out', 'junit.xml'), 'utf8')
    assert.match(
      xml,
      /name="Push latency p50" file="short\.yaml">\n\s*<failure message="[^"]+" type="regressed"\/>/,
    )
    assert.equal(slow.code, 3)

    // Its bytes are the same ones.
    const counted = await ci(context, [...flags, late, ...ONCE, '--repeat', '1'])
    assert.match(counted.stdout, /unchanged/)
    assert.doesNotMatch(counted.stdout, /latency/)
    assert.equal(counted.code, 0, counted.stdout)
  })
})
