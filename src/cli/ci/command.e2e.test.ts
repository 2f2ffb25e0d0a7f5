import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { readResult, serialiseResult } from '../../result/store.ts'
import { assertRefused, type Ended, folder, run, start } from '../command.conformance.ts'
import { runResident } from '../resident.conformance.ts'
import { believable, ci, ONCE, serve, writeShort } from './stored-baseline.conformance.ts'

writeShort(1)

const first = join(folder, 'first', 'short.json')

test('a baseline is stored where there is none', async (context) => {
  const url = await serve(context)
  const flags = ['--url', url, ...ONCE, '--baseline', 'first', '--update-baseline']
  const { code, stderr } = await ci(context, flags)
  assert.match(stderr, /^stored first\/short\.json$/m)
  assert.equal(code, 0)
})

/** A baseline of a test's own, in a folder of that name. */
function baseline(name: string): string {
  const stored = join(folder, name, 'short.json')
  mkdirSync(join(folder, name))
  copyFileSync(first, stored)
  return stored
}

/** What is refused before anything is measured. */
function refused(flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runResident(['ci', 'short.yaml', '--quiet', ...flags], environment)
}

suite('a gate against stored baselines', { concurrency: 3 }, () => {
  test('of another machine: times are not compared, bytes are', async (context) => {
    const stored = baseline('foreign')
    const late = await serve(context, '--fault', 'delay=20ms')
    const result = await readResult(stored)
    const { environment } = result
    const elsewhere = { ...environment, cpuModel: 'another', cores: environment.cores + 1 }
    writeFileSync(stored, serialiseResult({ ...result, environment: elsewhere }))
    const flags = ['--baseline', 'foreign', '--url', late]
    const once = await believable(() => ci(context, [...flags, '--repeat', '1']))
    assert.match(once.stdout.replace(/[│\s]+/g, ' '), /of another machine \(cpuModel another and/)
    assert.equal(once.code, 0, once.stdout)
    // Who measures several times asks for times, which cannot be told.
    const foreign = await ci(context, [...flags, '--repeat', '2'])
    assert.match(foreign.stdout.replace(/[│\s]+/g, ' '), /cannot tell: .*on another machine/)
    assert.equal(foreign.code, 4, foreign.stdout)

    const wire = (bytes: number): string =>
      serialiseResult({
        ...result,
        environment: elsewhere,
        runs: result.runs.map((one) => ({
          ...one,
          wire: { ...one.wire, bytesPerDelivery: (one.wire.bytesPerDelivery ?? 0) * bytes },
        })),
      })
    writeFileSync(stored, wire(0.9))
    const heavier = await believable(() => ci(context, [...flags, '--repeat', '1']))
    assert.match(heavier.stdout, /Bytes per delivery regressed: /)
    assert.equal(heavier.code, 3)
  })

  test('without a baseline: says how to make one, and holds against thresholds alone', async (context) => {
    const url = await serve(context)
    const flags = ['--url', url, ...ONCE, '--baseline', 'none']
    const { code, stderr, stdout } = await ci(context, flags)
    assert.match(
      stderr,
      /^rtbench: none\/short\.json: there is no baseline; make it by rtbench ci short\.yaml --baseline none --update-baseline --url http:\S+ --only deterministic; its thresholds alone/m,
    )
    assert.match(stdout, /short +│ Server-Sent Events │ kept/)
    assert.equal(code, 0)
    assertRefused(await refused([...flags, '--require-baseline']), 2, /there is no baseline/)
    assert.equal(existsSync(join(folder, 'none', 'short.json')), false)
  })

  test('without a baseline and a threshold: says that nothing is judged', async (context) => {
    const url = await serve(context)
    const text = readFileSync(join(folder, 'short.yaml'), 'utf8')
    writeFileSync(join(folder, 'bare.yaml'), text.replace(/threshold.*/, ''))
    writeFileSync(join(folder, 'timed.yaml'), text.replace(/lost==0/, 'p50<10s'))
    const files = ['bare.yaml', 'timed.yaml', 'short.yaml']
    const { stderr } = await run(context, ['ci', ...files, '--quiet', '--url', url, ...ONCE])
    assert.deepEqual(stderr.match(/^.*nothing is judged.*$/gm), [
      'rtbench: bare.yaml: nothing is judged but validity; give it thresholds or --baseline',
      'rtbench: timed.yaml: nothing is judged but validity; give it thresholds that do not depend on the machine or --baseline',
    ])
    const stored = ['ci', 'bare.yaml', '--quiet', '--url', url, ...ONCE, '--baseline', 'bare']
    const without = await run(context, stored)
    assert.match(without.stderr, /there is no baseline; .*; nothing is judged but validity$/m)
  })

  test('a threshold that is missed: exit 3, and no baseline is made of it', async (context) => {
    const url = await serve(context, '--fault', 'drop=1/4', '--seed', '1')
    const flags = ['--url', url, ...ONCE, '--baseline', 'missed', '--update-baseline']
    const { code, stderr, stdout } = await ci(context, flags)
    assert.match(stdout, /missed/)
    assert.match(stderr, /the baseline of short is as it was: it ended with exit code 3/)
    assert.equal(code, 3)
    assert.equal(existsSync(join(folder, 'missed', 'short.json')), false)
  })

  test('what is allowed to be invalid is no baseline: exit 4, which is none of writing', async (context) => {
    const url = await serve(context, '--fault', 'drop=1/1', '--seed', '1')
    const text = readFileSync(join(folder, 'short.yaml'), 'utf8')
    writeFileSync(join(folder, 'unfit.yaml'), text.replace(/threshold.*/, ''))
    const flags = ['--baseline', 'unfit', '--update-baseline', '--allow-invalid']
    const args = ['ci', 'unfit.yaml', '--quiet', '--url', url, ...ONCE, ...flags]
    const { code, stderr } = await run(context, args)
    assert.match(stderr, /the baseline of unfit is as it was: a run is invalid: nothing-delivered/)
    assert.equal(code, 4)
    assert.equal(existsSync(join(folder, 'unfit', 'unfit.json')), false)
  })

  test('a baseline that cannot serve is refused before anything is measured', async () => {
    const stored = baseline('damaged')
    const before = readFileSync(stored, 'utf8')
    // There is no server: it would be exit 1 with another line.
    const flags = ['--baseline', 'damaged', '--url', 'http://127.0.0.1:9']
    writeFileSync(stored, before.slice(0, 1000))
    assertRefused(await refused(flags), 1, /damaged\/short\.json: truncated or not JSON/)
    writeFileSync(stored, '{}')
    assertRefused(await refused(flags), 1, /damaged\/short\.json: not a result of rtbench/)
    writeFileSync(stored, before)
    assertRefused(
      await refused(flags, { RTBENCH_CLIENTS: '20' }),
      2,
      /damaged\/short\.json: the scenarios differ: clients 10 and 20; .*--update-baseline/,
    )
  })

  test('a technique that the baseline lacks is told, and a baseline without any is refused', async (context) => {
    baseline('lacking')
    const url = await serve(context)
    const flags = ['--url', url, ...ONCE, '--baseline', 'lacking']
    const both = { RTBENCH_TRANSPORT: 'sse,websocket' }
    const { code, stderr } = await ci(context, flags, both)
    assert.match(stderr, /^rtbench: lacking\/short\.json: has no websocket; .*thresholds alone/m)
    assert.equal(code, 0)
    const line =
      /lacking\/short\.json: has no websocket[;,] (?:or )?make a new baseline by --update-baseline/
    assertRefused(await refused([...flags, '--require-baseline'], both), 2, line)
    const other = { RTBENCH_TRANSPORT: 'websocket' }
    assertRefused(await refused(flags, other), 2, line)

    const made = await ci(context, [...flags, '--update-baseline'], other)
    assert.match(made.stderr, /^stored lacking/m, made.stderr)
  })

  test('what regressed is measured on, stored as one result, and a kill takes none of it', async (context) => {
    const stored = baseline('lighter')
    const result = await readResult(stored)
    const lighter = result.runs.map((one) => ({
      ...one,
      wire: { ...one.wire, bytesPerDelivery: (one.wire.bytesPerDelivery ?? 0) * 0.9 },
    }))
    writeFileSync(stored, serialiseResult({ ...result, runs: lighter }))
    const url = await serve(context)
    const runsIn = async (out: string): Promise<readonly string[]> => {
      const names = readdirSync(join(folder, out)).filter((name) => name.endsWith('.json'))
      const results = await Promise.all(names.map((name) => readResult(join(folder, out, name))))
      return results.map(({ runs }) =>
        runs.map(({ transport, repetition }) => `${transport} ${repetition}`).join(', '),
      )
    }
    const flags = ['--url', url, ...ONCE, '--baseline', 'lighter', '--out']
    const both = { RTBENCH_TRANSPORT: 'sse,websocket' }
    assert.equal((await ci(context, [...flags, 'more'], both)).code, 3)
    // The technique that the baseline lacks has nothing to be told.
    assert.deepEqual(await runsIn('more'), ['sse 1, websocket 1, sse 2, sse 3'])

    const args = ['ci', 'short.yaml', ...flags, 'killed']
    const command = start(context, args, both)
    await command.says(/sse cannot be told yet, or regressed: 2 more/)
    command.signal('SIGKILL')
    await command.ended
    await command.gone()
    assert.match((await runsIn('killed'))[0] ?? '', /^sse 1, websocket 1/)
  })

  test('a scenario that cannot be measured: exit 1, told in all forms', async (context) => {
    const flags = ['--baseline', 'unreached', '--url', 'http://127.0.0.1:9', '--junit', 'none.xml']
    const { code, stdout } = await ci(context, flags)
    assert.match(stdout, /not measured/)
    assert.match(
      readFileSync(join(folder, 'none.xml'), 'utf8'),
      /<error message="[^"]+" type="not measured"\/>/,
    )
    assert.equal(code, 1)
  })

  test('what cannot be written: exit 6, and all is printed', async (context) => {
    writeFileSync(join(folder, 'file'), '')
    const url = await serve(context)
    const { code, stdout, stderr } = await ci(context, ['--url', url, ...ONCE], {
      GITHUB_STEP_SUMMARY: 'file/summary.md',
    })
    assert.match(stdout, /Server-Sent Events │ kept/)
    assert.match(stderr, /^rtbench: file\/summary\.md: the summary was not written /m)
    assert.match(stderr, /^rtbench: exit code 6: something could not be written$/m)
    assert.equal(code, 6)
  })

  test('Ctrl-C: exit 130, the table of what there is, and no baseline', async (context) => {
    const stored = baseline('kept')
    const before = readFileSync(stored, 'utf8')
    const args = ['ci', 'short.yaml', '--baseline', 'kept', '--update-baseline']
    const command = start(context, args, { RTBENCH_DURATION: '20s' })
    await command.says(/steady/)
    command.signal('SIGINT')
    const { code, stdout } = await command.ended
    await command.gone()
    // A busy machine may have been late in as little as there is.
    assert.match(stdout, /Server-Sent Events │ (?:partial|invalid)/)
    assert.equal(code, 130)
    assert.equal(readFileSync(stored, 'utf8'), before)
  })
})
