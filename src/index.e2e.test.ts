/** The package as a program gets it: packed, installed beside its dependencies, typed and run. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const consumer = mkdtempSync(join(tmpdir(), 'rtbench-consumer-'))
after(() => rmSync(consumer, { recursive: true, force: true }))

const execute = promisify(execFile)
const inConsumer = { cwd: consumer, env: { PATH: process.env['PATH'] }, maxBuffer: 2 ** 24 }

/** A command's output, which is the message of the failure, too. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, args, inConsumer).catch((error) => {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`)
  })
  return stdout
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

before(async () => {
  // Without scripts: they would build again what is being tested.
  const pack = ['pack', root, '--ignore-scripts', '--pack-destination', consumer, '--silent']
  const tarball = (await output('npm', pack)).trim().split('\n').at(-1) ?? ''
  const modules = join(consumer, 'node_modules')
  mkdirSync(join(modules, 'rtbench'), { recursive: true })
  await output('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'rtbench')])
  const { dependencies }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    const scope = name.startsWith('@') ? join(modules, name.split('/')[0] ?? '') : modules
    mkdirSync(scope, { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir')
  }
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ type: 'module' }))
})

/** The program of docs/api.md. */
function example(): string {
  const page = readFileSync(join(root, 'docs', 'api.md'), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(page)?.[1]
  assert.ok(program !== undefined)
  return program
}

/** Compiles a program against the package's types, without those of Node or of its own. */
async function compile(file: string, resolution: 'nodenext' | 'bundler'): Promise<void> {
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution: resolution,
    outDir: resolution,
  }
  const config = join(consumer, `tsconfig.${resolution}.json`)
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files: [file] }))
  await output(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config])
}

test('the example of the documentation is typed, whoever resolves it, and runs', async () => {
  writeFileSync(join(consumer, 'example.ts'), example())
  await Promise.all([compile('example.ts', 'bundler'), compile('example.ts', 'nodenext')])
  const stdout = await output(process.execPath, [join('nodenext', 'example.js')])
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.length, 5, stdout)
  for (const line of lines.slice(0, 4)) assert.match(line, /^(short-poll|sse) [12] \d+ (\d+|null) /)
  assert.match(lines[4] ?? '', /^(regressed|improved|unchanged|inconclusive) true$/)
})

test('a wrong program is refused by the compiler', async () => {
  const wrong = `import { run, type Result } from 'rtbench'
const key: Promise<Result> = run({ cleints: 5 })
const figure: string = (await run({})).runs[0]!.latency.p50Us
`
  writeFileSync(join(consumer, 'wrong.ts'), wrong)
  await assert.rejects(compile('wrong.ts', 'nodenext'), (error: Error) => {
    assert.match(error.message, /wrong\.ts\(2,\d+\): error TS2561: .*'cleints'.*'clients'/)
    assert.match(error.message, /wrong\.ts\(3,\d+\): error TS2322: Type 'number \| null'/)
    return true
  })
})
