import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { auditHistory } from './reader.ts'
import { cleanHistory, linesOf } from './synthetic.conformance.ts'
import { describeHistory, isKept } from './telling.ts'

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

test('runs in one file are judged each for itself, with the lines of the file', (context) => {
  const broken = two.toSpliced(-1, 0, '{"is":"stray","client":0,"atUs":7,"kind":"damaged"}')
  const { runs, tornLine } = auditHistory(fileOf(context, text([...one, ...broken])))
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

test('lines longer than a piece of the file are read whole', (context) => {
  const long = `{"is":"open","client":0,"atUs":1,"cursor":"${'é'.repeat(400_000)}"}`
  const lines = two.toSpliced(2, 0, long, long, long)
  assert.equal(isKept(auditHistory(fileOf(context, text(lines)))), true)
})

test('a last line that is cut off is left out, and said; the run has no end then', (context) => {
  const whole = text(one)
  const path = fileOf(context, whole.slice(0, -30))
  const verdict = auditHistory(path)
  assert.equal(verdict.tornLine, one.length)
  assert.equal(verdict.runs[0]?.isWhole, false)
  assert.equal(isKept(verdict), true)
  const told = describeHistory('h', verdict).join('\n')
  assert.match(told, new RegExp(`^h:${one.length}: is cut off`, 'm'))
  assert.match(told, /the run has no end here/)
})

test('wherever a killed run is cut, nothing is made up', (context) => {
  for (let seed = 10; seed < 30; seed++) {
    const whole = text(linesOf(cleanHistory(seed), seed))
    for (let part = 1; part < 10; part++) {
      const cut = whole.slice(0, Math.max(400, Math.floor((whole.length * part) / 10)))
      const verdict = auditHistory(fileOf(context, cut))
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
] as const) {
  test(`refused: ${title}`, (context) => {
    const path = fileOf(context, content)
    assert.throws(() => auditHistory(path), { code: 'bad-result', message: expected })
  })
}

test('refused: a file that is not there, and a folder', () => {
  assert.throws(() => auditHistory('/nowhere/h.jsonl'), { code: 'bad-result', message: /ENOENT/ })
  assert.throws(() => auditHistory(tmpdir()), { code: 'bad-result', message: /is no file/ })
})
