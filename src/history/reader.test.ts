import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { auditHistory } from './reader.ts'
import { cleanHistory, linesOf } from './synthetic.conformance.ts'
import { describeHistory, isJudged, isKept } from './telling.ts'

function fileOf(context: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-history-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'h.jsonl')
  writeFileSync(path, text)
  return path
}

/** Whole ones: none of these seeds is a killed run. */
const [one = [], two = []] = [1, 2].map((seed) => linesOf(cleanHistory(seed), seed))
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test('runs in one file are judged each for itself, with the lines of the file', async (context) => {
  const broken = two.toSpliced(-1, 0, '{"is":"stray","client":0,"atUs":7,"kind":"damaged"}')
  const { runs, tornLine } = await auditHistory(fileOf(context, text([...one, ...broken])))
  assert.equal(tornLine, null)
  assert.deepEqual(
    runs.map(({ violations: { damaged }, isWhole }) => [damaged, isWhole]),
    [
      [0, true],
      [1, true],
    ],
  )
  assert.equal(runs[1]?.examples[0]?.line, one.length + broken.length - 1)
})

test('lines longer than a piece of the file are read whole', async (context) => {
  const long = `{"is":"open","client":0,"atUs":1,"cursor":"${'é'.repeat(400_000)}"}`
  const lines = two.toSpliced(2, 0, long, long, long)
  assert.equal(isKept(await auditHistory(fileOf(context, text(lines)))), true)
})

test('a last line that is cut off is left out, and said; the run has no end then', async (context) => {
  const whole = text(one)
  const path = fileOf(context, whole.slice(0, -30))
  const verdict = await auditHistory(path)
  assert.equal(verdict.tornLine, one.length)
  assert.equal(verdict.runs[0]?.isWhole, false)
  assert.equal(isKept(verdict), true)
  const told = describeHistory('h', verdict).join('\n')
  assert.match(told, new RegExp(`^h:${one.length}: is cut off`, 'm'))
  assert.match(told, /the run has no end here/)
})

test('wherever a killed run is cut, nothing is made up', async (context) => {
  for (let seed = 10; seed < 30; seed++) {
    const whole = text(linesOf(cleanHistory(seed), seed))
    for (let part = 1; part < 10; part++) {
      const cut = whole.slice(0, Math.max(400, Math.floor((whole.length * part) / 10)))
      const verdict = await auditHistory(fileOf(context, cut))
      assert.equal(isKept(verdict), true, describeHistory(`${seed}/${part}`, verdict).join('\n'))
    }
  }
})

for (const [title, content, expected] of [
  ['an empty file', '', /h\.jsonl: is no history: there is no run in it$/],
  ['no JSON', 'hello\n', /h\.jsonl:1: is no history: is no JSON$/],
  ['a line without an end', 'hello', /h\.jsonl:1: is no history: is no JSON$/],
  ['a result', '{"schemaVersion":1}\n', /:1: is no history: is of an unknown kind, undefined$/],
  ['a part of a history', text(one.slice(1)), /:1: is no history: its first line is no run; write/],
  ['a later version', text([one[0]?.replace('"history":1', '"history":2') ?? '']), /version 2/],
  ['a broken line', text([one[0] ?? '', '{"is":', ...one.slice(1)]), /h\.jsonl:2: is no JSON$/],
  ['an unknown kind', text([one[0] ?? '', '{"is":"x"}']), /:2: is of an unknown kind, "x"$/],
  [
    'a wrong field',
    text([one[0] ?? '', '{"is":"gap","client":-1,"atUs":1}']),
    /:2: gap\.client is/,
  ],
  [
    'one event twice',
    text([...one, one.find((line) => line.includes('publish')) ?? '']),
    /same event/,
  ],
  [
    'a sequence beyond all reason',
    text([
      ...one,
      '{"is":"publish","channel":0,"sequence":9007199254740991,"intendedUs":1,"sentUs":1,"settledUs":1,"fate":"refused"}',
    ]),
    /sequence 9007199254740991 comes after/,
  ],
] as const) {
  test(`refused: ${title}`, async (context) => {
    const path = fileOf(context, content)
    await assert.rejects(auditHistory(path), { code: 'bad-result', message: expected })
  })
}

test('refused: a file that is not there, and a folder', async () => {
  const code = 'bad-result'
  await assert.rejects(auditHistory('/nowhere/h.jsonl'), { code, message: /ENOENT/ })
  await assert.rejects(auditHistory(tmpdir()), { code, message: /is no file/ })
})

test('a client and a channel of any number cost nothing but themselves', async (context) => {
  const far = 9_007_199_254_740_990
  const lines = [
    `{"is":"open","client":${far},"atUs":7}`,
    `{"is":"subscribed","client":${far},"channel":${far},"atUs":8}`,
  ]
  const verdict = await auditHistory(fileOf(context, text(two.toSpliced(-1, 0, ...lines))))
  assert.equal(isKept(verdict), true)
})

test('of a run that has no event nothing is judged, and it does not pass', async (context) => {
  const path = fileOf(context, text(two.slice(0, 1)))
  const verdict = await auditHistory(path)
  assert.equal(isJudged(verdict), false)
  assert.deepEqual(describeHistory('h', verdict).length, 1)
  assert.match(describeHistory('h', verdict)[0] ?? '', /nothing was judged: the run ended before/)
})

test('whoever reads may stop reading', async (context) => {
  const lines = Array.from({ length: 20_000 }, () => '{"is":"open","client":0,"atUs":1}')
  const path = fileOf(context, text(two.toSpliced(2, 0, ...lines)))
  const aborted = AbortSignal.abort(new Error('enough'))
  await assert.rejects(auditHistory(path, 5, aborted), /enough/)
})
