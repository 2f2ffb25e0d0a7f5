import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { scenarioOf } from '../../experiment/plan.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import {
  baselineOptionsOf,
  blockScenario,
  budgetOf,
  type CiOptions,
  casesOf,
  checkOptions,
  gateJudgingOf,
  mostPairsOf,
  ownServerNotes,
  updateLine,
} from './options.ts'

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
  [{ budget: '1m' }, /^--budget: only together with --against, which measures both sides in turn$/],
  [
    { against: 'main', budget: '1s' },
    /^--budget: 1s is too short; expected 10s and more, such as 5m$/,
  ],
  [{ baseline: 'b', block: '2s' }, /^--block: only together with --against, /],
]

for (const [options, line] of refused) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.throws(() => checkOptions(options), { message: line })
  })
}

test('flags that go together are not refused', () => {
  checkOptions({})
  checkOptions({ against: 'main', budget: '1m', block: '2s', build: 'make', repeat: '9' })
  checkOptions({ against: 'main', serve: 'node server.js' })
  checkOptions({ against: 'main', judge: 'p99', allowInconclusive: true, minChange: '5%' })
  checkOptions({ baseline: 'b', requireBaseline: true, only: 'deterministic' })
})

test('what is judged', () => {
  assert.throws(() => gateJudgingOf({ only: 'deterministic', judge: 'p99' }), {
    message: /^--judge: .*--only deterministic judges none; leave one out$/,
  })
  assert.equal(gateJudgingOf({ only: 'deterministic' }).deterministicOnly, true)
  const usual = {
    thresholdShare: 0.1,
    judge: [],
    deterministicOnly: false,
    allowInconclusive: false,
  }
  assert.deepEqual(gateJudgingOf({}), usual)
  assert.deepEqual(
    gateJudgingOf({
      minChange: '25%',
      judge: 'p99',
      allowInconclusive: true,
    }),
    {
      thresholdShare: 0.25,
      judge: ['latency.p99Us'],
      deterministicOnly: false,
      allowInconclusive: true,
    },
  )
  assert.throws(() => gateJudgingOf({ judge: 'lost' }), /--judge: /)
  assert.equal(baselineOptionsOf({ only: 'deterministic' }).deterministicOnly, true)
})

test('the time of a case: five minutes a technique, fifteen at most, or as long as is said', () => {
  const of = (count: number, options: CiOptions = {}): number =>
    budgetOf(options, {
      ...scenarioOf([]),
      transports: ['sse', 'websocket', 'long-poll', 'short-poll'].slice(0, count),
    })
  assert.deepEqual(
    [1, 2, 3, 4].map((count) => of(count) / 60_000),
    [5, 10, 15, 15],
  )
  assert.equal(of(4, { budget: '90s' }), 90_000)
  for (const budget of ['', '90', 'x', '-1s', '0s', '9.9s']) {
    assert.throws(() => of(1, { budget }), /--budget: /)
  }
})

test('pairs: as many as are said, one where times do not matter, else the time is the limit', () => {
  assert.equal(mostPairsOf({}), null)
  assert.equal(mostPairsOf({ repeat: '9' }), 9)
  assert.equal(mostPairsOf({ only: 'deterministic' }), 1)
  assert.equal(mostPairsOf({ only: 'deterministic', repeat: '3' }), 3)
  for (const repeat of ['-1', 'x', '1.5']) {
    assert.throws(() => mostPairsOf({ repeat }), /--repeat: /)
  }
})

test('the window of a run in turn is short, and long enough for what it counts', () => {
  const of = (changes: Partial<Scenario>, options: CiOptions = {}): readonly number[] => {
    const scenario = {
      ...scenarioOf([]),
      durationMs: 60_000,
      warmupMs: 10_000,
      clients: 100,
      rate: 10,
      intervalMs: 500,
      ...changes,
    }
    const { durationMs, warmupMs } = blockScenario(scenario, options)
    return [durationMs, warmupMs]
  }
  assert.deepEqual(of({}), [2_000, 1_000])
  // 200 deliveries: 10 clients with 2 a second.
  assert.deepEqual(of({ clients: 10, rate: 2 }), [10_000, 1_000])
  assert.deepEqual(of({ clients: 10, rate: 9 }), [3_000, 1_000])
  // Four intervals of a poller.
  assert.deepEqual(of({ intervalMs: 1_500 }), [6_000, 1_000])
  // No longer than the scenario is.
  assert.deepEqual(of({ clients: 1, rate: 0.1 }), [60_000, 1_000])
  assert.deepEqual(of({ durationMs: 1_500, warmupMs: 200 }), [1_500, 200])
  assert.deepEqual(of({}, { block: '5s' }), [5_000, 1_000])
  assert.deepEqual(of({ warmupMs: 0 }, { block: '90s' }), [90_000, 0])
  for (const block of ['5', '0s', '-1s', '']) {
    assert.throws(() => of({}, { block }), /--block: /)
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
  assert.equal(await repeat({ against: 'main' }), 7)
  await assert.rejects(repeat({ against: 'main', repeat: '0' }), /--repeat: /)
})

test('runs in turn are measured in short windows, others as the scenario says', async () => {
  const file = scenario('long.yaml', 'duration: 30s\nwarmup: 5s\nclients: 100\nrate: 10\n')
  const windowOf = async (options: CiOptions): Promise<readonly (number | undefined)[]> => {
    const [one] = await casesOf([file], options)
    return [one?.scenario.durationMs, one?.scenario.warmupMs]
  }
  assert.deepEqual(await windowOf({}), [30_000, 5_000])
  assert.deepEqual(await windowOf({ baseline: 'b' }), [30_000, 5_000])
  assert.deepEqual(await windowOf({ serve: 'x {port}' }), [30_000, 5_000])
  assert.deepEqual((await windowOf({ against: 'main' }))[1], 1_000)
  assert.ok(((await windowOf({ against: 'main' }))[0] ?? 0) <= 4_000)
  assert.equal((await windowOf({ against: 'main', block: '7s' }))[0], 7_000)
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

test('a server that is started needs no url beside its target', async () => {
  const target = 'target: { publish: { path: /pub }, sse: { path: /events } }'
  const file = scenario('target.yaml', `channels: broadcast\n${target}\n`)
  const [one] = await casesOf([file], { serve: 'x' })
  assert.equal(one?.scenario.url, 'http://127.0.0.1:{port}')
  await casesOf([file], { serve: 'x', against: 'main' })
  await assert.rejects(casesOf([file], {}), /no url says where it is; expected .* --serve/)
})

test("a gate on rtbench's own server says that it is", async () => {
  const own = scenario('own.yaml', 'transport: sse\n')
  const other = scenario('other.yaml', 'url: http://127.0.0.1:9\n')
  assert.deepEqual(ownServerNotes(await casesOf([own, other], {})), [
    `${own}: measures rtbench's own server; --serve or --url measures yours`,
  ])
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
