import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { serialiseResult } from '../result/store.ts'
import { assertRefused, folder, lastOfEach, run, start } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'

describe('advise', { concurrency: 2 }, () => {
  const workload = ['--users', '50k', '--events-per-user', '20/day', '--latency', '500ms']
  const file = join(folder, 'sweep.json')
  writeFileSync(file, serialiseResult(sampleSweep()))

  it('measures first, when it is told to', { timeout: 600_000 }, async (context) => {
    const args = ['--users', '5', '--rate', '20', '--latency', 'p50<1s', '--browsers', 'any']
    const flags = [...args, '--measure', '--quiet']
    const unsaving = start(context, ['advise', ...flags, '--out', join(folder, 'lost', 'below')])
    const saving = run(context, ['advise', ...flags, '--out', 'advised'])
    // It was tried, and nothing of that is left.
    await unsaving.processes('server-process')
    writeFileSync(join(folder, 'lost'), '')
    const [saved, unsaved] = [await saving, await unsaving.ended]
    // Or all were late, so that nothing can be told.
    assert.ok([0, 1, 3].includes(saved.code ?? -1), saved.stderr)
    const names = readdirSync(join(folder, 'advised'))
    // Three loads, of which those who ask at an interval have their own.
    assert.equal(names.filter((name) => name.endsWith('.json')).length, 6, names.join())
    // What was measured is answered by, whatever happens to the disk.
    assert.equal(unsaved.code, 6, unsaved.stderr)
    assert.match(unsaved.stderr, /^rtbench: .*below.*: not written: .*$/m)
    for (const { stdout } of [saved, unsaved]) {
      assert.match(stdout, /^5 users · 20 events\/s each · p50 within 1 s/)
    }
  })

  it('answers from a result, for people and for scripts', async (context) => {
    const near = lastOfEach([...workload, '--users', '5k'])
    const page = await run(context, ['advise', file, ...near])
    assert.equal(page.code, 0, page.stderr)
    assert.match(page.stdout, /keeps?\sthe\swanted\sp99\sof\s500\sms/)
    assert.match(page.stdout, /TAKE THIS|ONE OF THESE/)
    const { code, stdout } = await run(context, ['advise', file, ...near, '--json'])
    assert.equal(code, 0)
    const advice = JSON.parse(stdout)
    assert.equal(typeof advice.decision, 'string')
    assert.equal(advice.techniques.length, 4)
    assert.ok(advice.among.length >= 1)
    for (const { transport, label, estimate } of advice.techniques) {
      if (advice.among.includes(transport)) assert.ok(page.stdout.includes(label))
      const { value, low, high } = estimate.serverCores
      assert.ok(low <= value && value <= high, transport)
    }
    // One run of each: what decides is to be measured.
    assert.match(page.stdout, /^To measure it: rtbench advise --measure --users 5000 /m)
  })

  it('does not rely on what is far beyond the result', async () => {
    const { code, stdout } = await runResident(['advise', file, ...workload])
    assert.equal(code, 0)
    assert.match(stdout, /an extrapolation to 50 times the users/)
    assert.match(stdout, /^To measure it: rtbench advise --measure --users 50000 /m)
    assert.doesNotMatch(stdout, /TAKE THIS/)
  })

  it('says how to measure where there is no result', async () => {
    assertRefused(
      await runResident(['advise', ...workload]),
      2,
      /no result is given; expected result files, or what measures first: rtbench advise --measure --users 50000 --events-per-user 20\/day --latency 500ms/,
    )
  })

  it('ends by 3 where nothing is fast enough, and refuses what is no result', async () => {
    const slow = await runResident(lastOfEach(['advise', file, ...workload, '--latency', '500us']))
    assert.equal(slow.code, 3)
    assert.match(slow.stdout, /None of what was measured keeps a p99 of 500 µs; the nearest is/)
    assertRefused(
      await runResident(['advise', 'no.json', ...workload]),
      1,
      /no\.json: no such file/,
    )
    assertRefused(await runResident(['advise', file]), 2, /--latency: is not given; expected/)
    const preferring = ['advise', file, ...workload, '--prefer', 'sipmle']
    assertRefused(
      await runResident(preferring),
      2,
      /--prefer: sipmle is not known, did you mean simple/,
    )
  })
})
