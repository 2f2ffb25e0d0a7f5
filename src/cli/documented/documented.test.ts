import assert from 'node:assert/strict'
import { test } from 'node:test'
import { root } from '../root.conformance.ts'
import { faultsOf } from './check.conformance.ts'
import { documentedScripts } from './corpus.conformance.ts'
import { scriptsOfHelp, scriptsOfPage, scriptsOfScenario } from './script.conformance.ts'

test('every documented command can be typed', async () => {
  const scripts = await documentedScripts(root)
  for (const file of ['README.md', 'docs/ci.md', 'scenarios/broadcast.yaml', 'help run']) {
    assert.ok(
      scripts.some((script) => script.file === file),
      `nothing was found in ${file}`,
    )
  }
  const faults = await Promise.all(scripts.map((script) => faultsOf(script, root)))
  assert.deepEqual(faults.flat(), [])
})

/** A line of a document, and what is said about it. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ['rtbench rnu', /unknown command 'rnu'/],
  ['npx rtbench run --cleints 5', /unknown option '--cleints'/],
  ['rtbench run --transport', /argument missing/],
  ['rtbench run --transport ssee', /did you mean sse/],
  ['rtbench run --duration 10', /--duration/],
  ['rtbench run missing.yaml', /missing\.yaml is not in the repository/],
  ['true | RTBENCH_HOLD=x rtbench run', /RTBENCH_HOLD/],
  ['cat <(rtbench run --sweep clients=2)', /sweep/],
  ["rtbench capacity --transport sse --limit 'p99<100'", /--limit/],
  ['rtbench ci scenarios/none/*.yaml', /finds nothing/],
  ['rtbench ci scenarios/ci/*.yaml --baseline results/none', /results\/none/],
  ['rtbench ci scenarios/ci/*.yaml --only deterministc', /--only/],
  ['rtbench serve --fault drop=2', /--fault/],
  ['rtbench serve && rtbench serve --port 70000', /--port/],
  ['rtbench report result.json --format tabel', /--format/],
  ['rtbench compare before.json', /missing required argument/],
  ['rtbench advise result.json --users 5 --rate 1 --latency fast', /--latency/],
  ['rtbench doctor --clients many', /--clients/],
  ['rtbench validate scenarios/none.yaml', /scenarios\/none\.yaml/],
  ['npm run becnh', /no script becnh/],
  ['npm run bench -- recieve/sse', /no section recieve/],
  ['npm run docs -- docs/none.md', /no docs\/none\.md/],
]

for (const [command, what] of WRONG) {
  test(`a mistake is found: ${command}`, async () => {
    const page = `# A page\n\n\`\`\`sh\n${command}\n\`\`\`\n`
    const faults = await Promise.all(
      scriptsOfPage('page.md', page).map((script) => faultsOf(script, root)),
    )
    assert.equal(faults.flat().length, 1)
    assert.match(faults.flat().join(), what)
    assert.match(faults.flat().join(), /^page\.md:4 /)
  })
}

test('a mistake is found in a sentence, and a name of a command is none', async () => {
  const faults = await Promise.all(
    scriptsOfPage(
      'page.md',
      '`rtbench run\n--sed 1`, `rtbench report`, `npx rtbench report FILE…`',
    ).map((script) => faultsOf(script, root)),
  )
  assert.equal(faults.flat().length, 1)
  assert.match(faults.flat().join(), /--sed/)
})

test('a console shows what is typed, over several lines, and what is answered', () => {
  const page = '```console\n$ one --a \\\n    --b\nanswer\n$ two\n```\n```json\n$ none\n```\n'
  assert.deepEqual(scriptsOfPage('page.md', page), [
    { file: 'page.md', line: 2, shell: 'bash', inline: false, text: 'one --a \\\n    --b\ntwo' },
  ])
})

test("a scenario's head and a help have commands, too", () => {
  const [script] = scriptsOfScenario(
    'a.yaml',
    '# Text:\n#     one\n#\n#   - no\n#     two\nclients: 1\n',
  )
  assert.deepEqual([script?.line, script?.text], [2, 'one\ntwo'])
  const [example] = scriptsOfHelp('run', "Examples:\n  $ one 'a b'    what it does\n  $ two\n")
  assert.equal(example?.text, "one 'a b'\ntwo")
})
