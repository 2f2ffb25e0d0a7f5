import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { type CiOptions, casesOf, checkOptions, judgingOf, updateLine } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtbench-ci-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function scenario(file: string, text: string): string {
  const path = join(folder, file)
  writeFileSync(path, text)
  return path
}

const refused: readonly (readonly [CiOptions, RegExp])[] = [
  [{ baseline: 'b', against: 'main' }, /^--against: .*--baseline$/],
  [{ build: 'make' }, /^--build: only together with --against; build /],
  [{ serve: 'x {port}', url: 'http://127.0.0.1' }, /^--url: --serve starts/],
  [{ updateBaseline: true }, /^--update-baseline: name the folder/],
  [{ requireBaseline: true }, /^--require-baseline: name the folder/],
  [
    { baseline: 'b', updateBaseline: true, requireBaseline: true },
    /^--require-baseline: .*leave one/,
  ],
  [{ against: 'main', url: 'http://127.0.0.1' }, /^--url: .*--serve$/],
  [{ against: 'main', serve: 'node server.js' }, /^--serve: .*\{port\}/],
]

for (const [options, line] of refused) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.throws(() => checkOptions(options), { message: line })
  })
}

test('what is judged', () => {
  assert.deepEqual(judgingOf({}), { deterministicOnly: false, thresholdShare: 0.1 })
  assert.deepEqual(judgingOf({ only: 'deterministic', minChange: '25%' }), {
    deterministicOnly: true,
    thresholdShare: 0.25,
  })
  assert.equal(judgingOf({ minChange: '5%' }).thresholdShare, 0.05)
  assert.throws(() => judgingOf({ only: 'determinist' }), /did you mean deterministic/)
  for (const minChange of ['', '0', '-1%', 'x', '10 %', '0.1']) {
    assert.throws(() => judgingOf({ minChange }), /--min-change: /)
  }
})

test('repetitions: the flag, else once where times are not judged, else the scenario', async () => {
  const file = scenario('often.yaml', 'repeat: 7\n')
  const repeat = async (options: CiOptions): Promise<number | undefined> =>
    (await casesOf([file], options))[0]?.scenario.repeat
  assert.equal(await repeat({}), 7)
  assert.equal(await repeat({ repeat: '3' }), 3)
  assert.equal(await repeat({ only: 'deterministic' }), 1)
  assert.equal(await repeat({ only: 'deterministic', repeat: '3' }), 3)
  const once = scenario('once.yaml', 'repeat: 1\n')
  // A pair is there to tell of times, and fewer runs cannot.
  assert.equal((await casesOf([once], { against: 'main' }))[0]?.scenario.repeat, 5)
  assert.equal((await casesOf([once], { against: 'main', repeat: '2' }))[0]?.scenario.repeat, 2)
})

test('a sweep is refused, since its first value alone would be measured', async () => {
  const file = scenario('swept.yaml', 'sweep: {clients: [5, 10]}\n')
  await assert.rejects(
    casesOf([file], {}),
    /swept\.yaml: sweeps clients; a gate measures one value/,
  )
})

test('a pair of one running server is refused: it would be compared with itself', async () => {
  const file = scenario('url.yaml', 'url: http://127.0.0.1:9\n')
  await assert.rejects(
    casesOf([file], { against: 'main' }),
    /url\.yaml: .* on both sides; .*--serve/,
  )
  const [one] = await casesOf([file], { against: 'main', serve: 'x {port}' })
  assert.equal(one?.scenario.url, 'http://127.0.0.1:9')
  const [alone] = await casesOf([file], { serve: 'x {port}' })
  assert.equal(alone?.scenario.url, 'http://127.0.0.1:{port}')
})

test('two scenarios of one name are refused, since baselines go by name', async () => {
  const files = [scenario('a.yaml', 'name: chat\n'), scenario('b.yaml', 'name: chat\n')]
  await assert.rejects(casesOf(files, {}), /b\.yaml: has the same name as .*a\.yaml, chat/)
  const twice = [join(folder, 'a.yaml'), `${folder}/../${basename(folder)}/a.yaml`]
  await assert.rejects(casesOf(twice, {}), /a\.yaml: given twice/)
})

test('measures the baseline by the flags that were given', () => {
  const flags = { baseline: 'my baselines', url: 'http://127.0.0.1:8090/a?b=1', repeat: '5' }
  assert.equal(
    updateLine({ file: 'push.yaml' }, { ...flags, only: 'deterministic', junit: 'junit.xml' }),
    "rtbench ci push.yaml --baseline 'my baselines' --update-baseline --url 'http://127.0.0.1:8090/a?b=1' --only deterministic --repeat 5",
  )
  assert.equal(
    updateLine({ file: 'push.yaml' }, { baseline: 'baselines', serve: 'node a.js {port}' }),
    "rtbench ci push.yaml --baseline baselines --update-baseline --serve 'node a.js {port}'",
  )
})
