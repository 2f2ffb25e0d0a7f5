import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { sampleResult } from '../result/sample.conformance.ts'
import { serialiseResult } from '../result/store.ts'
import { assertRefused, folder, run } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

const fine = file('fine.yaml', 'clients: 10\n')
const wrong = file('wrong.yaml', 'cleints: 10\n\nduration:   5\ntarget: { sse: { pth: /x } }\n')
const torn = file('torn.yaml', 'clients: [1\n')
const result = file('result.json', serialiseResult(sampleResult()))
const half = file('half.json', serialiseResult(sampleResult()).slice(0, 3000))

describe('validate', { concurrency: 2 }, () => {
  it('says of each file that it is fine', async (context) => {
    const { code, stdout, stderr } = await run(context, ['validate', fine, result])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(
      stdout,
      /^fine\.yaml: ok\nresult\.json: ok, a result: schema version 1, .+ runs\n$/,
    )
  })

  it('tells all that is wrong, by file, line and column', async () => {
    const { code, stdout, stderr } = await runResident(['validate', wrong, torn, 'no.yaml', half])
    assert.deepEqual([code, stderr], [2, ''])
    const lines = stdout.trimEnd().split('\n')
    const expected = [
      /^wrong\.yaml:1:1 cleints: unknown key, did you mean clients\?; expected one of /,
      /^wrong\.yaml:3:13 duration: 5 has no unit; expected a duration/,
      /^wrong\.yaml:4:.* target\.sse\.pth: unknown key, did you mean path\?/,
      /^torn\.yaml:\d+:\d+: .*; expected valid YAML or JSON$/,
      /^no\.yaml: no such file.*; expected a scenario file/,
      /^half\.json: /,
    ]
    for (const [at, pattern] of expected.entries()) {
      assert.ok(
        lines.some((line) => pattern.test(line)),
        `${at}: ${pattern}\n${stdout}`,
      )
    }
  })

  it('reads a pipe once, whoever writes into it', async (context) => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const validating = run(context, ['validate', 'pipe'])
    // A writer waits for a reader; one that is there twice would be cut off, and awaited again.
    await writeFile(pipe, 'cleints: 10\n')
    const { code, stdout } = await validating
    assert.equal(code, 2)
    assert.match(stdout, /^pipe:1:1 cleints: unknown key/)
  })

  it("tells a file's name and text without what commands a terminal or a CI", async () => {
    const name = file('\u001b[2J.yaml', '"\u001b]0;title\u0007": 1\n')
    const stored = file('\u009b31m.json', '{"schemaVersion": 1}')
    const outputs = await Promise.all([
      runResident(['validate', name, '::error::no.yaml']),
      runResident(['run', name]),
      runResident(['report', stored]),
      runResident(['run', '::error::no.yaml']),
      runResident(['\u001b[2J']),
    ])
    for (const { code, stdout, stderr } of outputs) {
      assert.notEqual(code, 0)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|^\s*::/m)
    }
  })

  it('as one document for scripts', async () => {
    const { code, stdout } = await runResident(['validate', '--json', fine, wrong])
    assert.equal(code, 2)
    const [first, second] = JSON.parse(stdout)
    assert.deepEqual(first, { file: fine, kind: 'scenario', ok: true, problems: [] })
    assert.equal(second.ok, false)
    assert.deepEqual(second.problems[1], {
      line: 3,
      column: 13,
      key: 'duration',
      problem: '5 has no unit',
      expected: 'a duration such as 500ms, 10s or 2m',
    })
  })

  it('needs a file', async () => {
    assertRefused(await runResident(['validate']), 2, /missing required argument 'files'/)
  })
})

describe('init', { concurrency: 2 }, () => {
  it('writes a scenario that runs, its schema and a workflow, and says what is next', async (context) => {
    // Wherever the tests' own folder is, this is a repository's root.
    mkdirSync(join(folder, 'new place', '.git'), { recursive: true })
    const { code, stdout, stderr } = await run(context, ['init', 'new place'])
    assert.deepEqual([code, stderr], [0, ''])
    const scenario = join('new place', 'scenarios', 'first.yaml')
    assert.match(stdout, /^next: cd 'new place' && npx rtbench run scenarios\/first\.yaml$/m)
    const hint =
      /^missing: a package-lock\.json, .* by cd 'new place' && npm init -y && npm i -D "\.\/\$\(npm pack .*\)"$/m
    assert.match(stdout, hint)
    const written = [...stdout.matchAll(/^wrote (.*)$/gm)].map(([, path = '']) => path)
    assert.equal(written.length, 3)
    for (const path of written) assert.ok(existsSync(join(folder, path)), path)
    const text = readFileSync(join(folder, scenario), 'utf8')
    const schema = /\$schema=(\S+)/.exec(text)?.[1] ?? ''
    JSON.parse(readFileSync(join(folder, 'new place', 'scenarios', schema), 'utf8'))
    const workflow = readFileSync(join(folder, 'new place/.github/workflows/rtbench.yml'), 'utf8')
    assert.ok(Object.hasOwn(parse(workflow), 'jobs'))
    assert.match(workflow, /^# This measures rtbench's own server, not yours\.$/m)
    assert.match(workflow, /^ +npx rtbench ci scenarios\/first\.yaml$/m)
    assert.doesNotMatch(workflow, /--serve|--against/)
    assert.match(stdout, /^measures rtbench's own server, not yours: rtbench init --serve /m)
    assert.equal((await run(context, ['validate', scenario])).code, 0)
  })

  it('writes the workflow where GitHub reads it, for the folder that was named', async () => {
    mkdirSync(join(folder, 'repository', '.git'), { recursive: true })
    writeFileSync(join(folder, 'repository', 'package.json'), '{}')
    const { stdout } = await runResident(['init', 'repository/load tests'])
    assert.match(stdout, /^missing: .* by cd 'repository\/load tests' && npm i -D "/m)
    const written =
      /^wrote (repository\/\.github\/workflows\/rtbench-load-tests-[0-9a-f]{8}\.yml)$/m
    const [, workflow = ''] = written.exec(stdout) ?? []
    assert.ok(!existsSync(join(folder, 'repository', 'load tests', '.github')))
    const text = readFileSync(join(folder, workflow), 'utf8')
    const { name, defaults, jobs } = parse(text)
    assert.equal(name, 'rtbench in load tests')
    assert.deepEqual(defaults, { run: { 'working-directory': 'load tests' } })
    const { path } = jobs.rtbench.steps.at(-1).with
    assert.equal(path, 'load tests/junit.xml\nload tests/results/ci/\n')
    // Each folder has its own, whatever its name is.
    for (const other of [
      'repository',
      'repository/load-tests',
      'repository/試験',
      'repository/a/b',
    ]) {
      const { code, stderr } = await runResident(['init', other])
      assert.equal(code, 0, stderr)
    }
    assert.deepEqual(
      readdirSync(join(folder, 'repository/.github/workflows'))
        .map((file) => file.replace(/[0-9a-f]{8}/, '#'))
        .sort(),
      [
        'rtbench-#.yml',
        'rtbench-a.b.yml',
        'rtbench-load-tests-#.yml',
        'rtbench-load-tests.yml',
        'rtbench.yml',
      ],
    )
  })

  it('misses nothing where a lock file has it', async () => {
    mkdirSync(join(folder, 'locked', 'below'), { recursive: true })
    mkdirSync(join(folder, 'locked', '.git'))
    const lock = join(folder, 'locked', 'package-lock.json')
    writeFileSync(lock, '{ "packages": { "node_modules/other": {} } }')
    const { stdout } = await runResident(['init', 'locked/below'])
    assert.match(
      stdout,
      /^missing: rtbench in .*package-lock\.json, .* by cd locked\/below && npm i/m,
    )
    writeFileSync(lock, '{ "packages": { "node_modules/rtbench": {} } }')
    const again = await runResident(['init', 'locked/below', '--force'])
    assert.doesNotMatch(again.stdout, /missing/)
  })

  it('writes over nothing, unless it is told to', async (context) => {
    mkdirSync(join(folder, 'kept', 'scenarios'), { recursive: true })
    const own = join(folder, 'kept', 'scenarios', 'first.yaml')
    writeFileSync(own, 'clients: 5\n')
    assertRefused(
      await run(context, ['init', 'kept']),
      2,
      /first\.yaml is there already, and nothing was written; --force overwrites it/,
    )
    assert.ok(!existsSync(join(folder, 'kept', '.github')), 'half of it was written')
    assert.equal(readFileSync(own, 'utf8'), 'clients: 5\n')
    assert.equal((await run(context, ['init', 'kept', '--force'])).code, 0)
    assert.notEqual(readFileSync(own, 'utf8'), 'clients: 5\n')
  })

  it('takes a link for a file, whether it leads anywhere or not', async () => {
    mkdirSync(join(folder, 'linked', 'scenarios'), { recursive: true })
    symlinkSync('nowhere', join(folder, 'linked', 'scenarios', 'first.yaml'))
    assertRefused(await runResident(['init', 'linked']), 2, /first\.yaml is there already/)
  })

  it('names the schema of a package that is installed', async () => {
    const schema = join(folder, 'own', 'node_modules', 'rtbench', 'schema')
    mkdirSync(schema, { recursive: true })
    writeFileSync(join(schema, 'scenario.schema.json'), '{}')
    const { stdout } = await runResident(['init', 'own'])
    assert.equal(stdout.match(/^wrote /gm)?.length, 2)
    const text = readFileSync(join(folder, 'own', 'scenarios', 'first.yaml'), 'utf8')
    assert.match(text, /\$schema=\.\.\/node_modules\/rtbench\/schema\/scenario\.schema\.json\n/)
  })

  it('says where it cannot write', async () => {
    const { code, stderr } = await runResident(['init', fine])
    assert.equal(code, 6)
    assert.match(
      stderr,
      /^rtbench: fine\.yaml\/scenarios\/first\.yaml: not written: [^\n]+ name another folder\n$/,
    )
  })

  it('writes nothing where the last of it cannot be written', async () => {
    mkdirSync(join(folder, 'half', '.git'), { recursive: true })
    writeFileSync(join(folder, 'half', '.github'), '')
    for (const force of [[], ['--force']]) {
      const { code, stdout, stderr } = await runResident(['init', 'half', ...force])
      assert.deepEqual([code, stdout], [6, ''])
      assert.match(stderr, /^rtbench: half\/\.github\/workflows\/rtbench\.yml: not written: /)
      assert.deepEqual(readdirSync(join(folder, 'half')).sort(), ['.git', '.github'])
    }
  })
})

describe('--print-config', { concurrency: 2 }, () => {
  it('prints what would be measured, which measures the same', async (context) => {
    const args = ['run', fine, '--print-config', '--url', 'http://127.0.0.1:9']
    const { code, stdout, stderr } = await run(context, args, { RTBENCH_RATE: '2' })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^clients: 10 # fine\.yaml:1$/m)
    assert.match(stdout, /^rate: 2 # RTBENCH_RATE$/m)
    assert.match(stdout, /^url: http:\/\/127\.0\.0\.1:9 # --url$/m)
    const again = await run(context, ['run', file('printed.yaml', stdout), '--print-config'])
    const bare = (text: string): string => text.replace(/ # .*$/gm, '')
    assert.equal(bare(again.stdout), bare(stdout))
  })

  it('of a search, too', async () => {
    const args = ['capacity', '--transport', 'sse', '--limit', 'lost==0', '--from', '20']
    const { code, stdout } = await runResident([...args, '--print-config'])
    assert.equal(code, 0)
    assert.match(stdout, /^# --search clients --from 20 --to 10000000 --precision 10%$/m)
    assert.match(stdout, /^clients: 20 # --from$/m)
    assert.match(stdout, /^threshold: \[lost==0\] # --limit$/m)
  })

  it('of nothing that is wrong', async () => {
    assertRefused(await runResident(['run', '--clients', '0', '--print-config']), 2, /--clients/)
  })
})
