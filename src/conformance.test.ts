/** docs/conformance.md names tests: they are there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const page = readFileSync(new URL('../docs/conformance.md', import.meta.url), 'utf8')

/** A file, and some of the titles in it: `` `wire/x.test.ts`: "one", "two" ``. */
const NAMED = /`([\w./-]+\.ts)`: ((?:"[^"]+"(?:, )?)+)/g

/** The source of a file, whether this test runs from it or from what was built of it. */
function sourceOf(file: string): string {
  const url = new URL(`../src/${file}`, import.meta.url)
  return existsSync(url) ? readFileSync(url, 'utf8') : ''
}

/** Whether the source has a test of this title, or a case of it: the first of a row in a table. */
function hasTest(source: string, title: string): boolean {
  const literal = title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`(?:\\b(?:test|it)\\(|\\[)\\s*(['"\`])${literal}\\1`).test(source)
}

/** The cells of every row of the tables whose last column is `tests`. */
function rules(): string[][] {
  const rows: string[][] = []
  let named = false
  for (const line of page.split('\n')) {
    const cells = line.split('|').slice(1, -1)
    const last = cells.at(-1)?.trim() ?? ''
    if (cells.length === 0) named = false
    else if (last === 'tests') named = true
    else if (named && !/^-+$/.test(last)) rows.push(cells.map((cell) => cell.trim()))
  }
  return rows
}

test('every rule names its source and tests that are there', () => {
  const faults: string[] = []
  let titles = 0
  for (const cells of rules()) {
    const [rule = '', source = '', tests = ''] = cells
    if (cells.length !== 3 || rule === '' || source === '')
      faults.push(`${rule}: a cell is missing`)
    const rest = tests.replace(NAMED, '').replaceAll('; ', '')
    if (tests === '' || rest !== '') faults.push(`${rule}: cannot be read: ${rest}`)
    for (const [, file = '', list = ''] of tests.matchAll(NAMED)) {
      const text = sourceOf(file)
      for (const [, title = ''] of list.matchAll(/"([^"]+)"/g)) {
        titles++
        if (!hasTest(text, title)) faults.push(`${rule}: no test "${title}" in ${file}`)
      }
    }
  }
  assert.deepEqual(faults, [])
  assert(titles > 200, `only ${titles} tests are named`)
})

test('every difference from llhttp is told', () => {
  const source = sourceOf('wire/http-response.llhttp.test.ts')
  const told = [...source.matchAll(/rule: '([^']+)'/g)].map(([, rule = '']) => rule)
  assert(told.length > 5)
  assert.deepEqual(
    told.filter((rule) => !page.includes(`| ${rule} |`)),
    [],
  )
})

test('a test that is not there is found out', () => {
  const source = "test('one', () => {})\nconst cases = [\n  ['two', 1],\n]\nsay('three')"
  const found = ['one', 'two', 'three', 'on', 'one.'].filter((title) => hasTest(source, title))
  assert.deepEqual(found, ['one', 'two'])
})
