import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Command, folder, parseResult, start } from './command.conformance.ts'

const long = ['--clients', '20', '--duration', '60s', '--warmup', '100ms', '--rate', '50']

/**
 * A run in whose own process something goes wrong that nobody catches, as soon as it says that it is
 * where a test wants it to be.
 */
function startFaulty(
  context: TestContext,
  { name, when, fault }: { readonly name: string; readonly when: string; readonly fault: string },
  args: readonly string[],
): Command {
  const preload = join(folder, `${name}.mjs`)
  const code = `
    // Not in the processes that it starts.
    if (process.send === undefined) {
      const write = process.stderr.write.bind(process.stderr)
      let isDone = false
      process.stderr.write = (text, ...rest) => {
        if (!isDone && ${when}.test(text)) {
          isDone = true
          setTimeout(() => { ${fault} }, 1_500)
        }
        return write(text, ...rest)
      }
    }`
  writeFileSync(preload, code)
  return start(context, ['run', '--transport', 'sse', ...args], {
    NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
  })
}

const faults = [
  ['exception', "throw new TypeError('what\\nis this')"],
  ['rejection', "void Promise.reject(new TypeError('what\\nis this'))"],
] as const

describe('an error that nobody foresaw', { concurrency: 2 }, () => {
  for (const [name, fault] of faults) {
    it(`ends a run in order, and what it measured is saved: ${name}`, async (context) => {
      const out = ['--json', '--out', name]
      const command = startFaulty(context, { name, when: '/steady/', fault }, [...long, ...out])
      const { code, stdout, stderr } = await command.ended
      assert.equal(code, 1, stderr)
      assert.match(
        stderr,
        /^rtbench: an error that nobody foresaw \(TypeError: what is this\); [^\n]+$/m,
      )
      assert.doesNotMatch(stderr, /^\s+at /m)
      const [run] = parseResult(stdout).runs
      assert.deepEqual([run?.partial, run?.interrupted], [true, true])
      assert.ok((run?.durationMs ?? 0) > 500 && (run?.delivery.delivered ?? 0) > 100)
      const [file = ''] = readdirSync(join(folder, name)).sort()
      assert.deepEqual(parseResult(readFileSync(join(folder, name, file), 'utf8')).runs, [run])
      await command.gone()
    })
  }

  it('tells where it was, for who asks', async (context) => {
    const [[, fault]] = faults
    const verbose = { name: 'verbose', when: '/steady/', fault }
    const command = startFaulty(context, verbose, [...long, '--no-save', '--verbose'])
    const { code, stderr } = await command.ended
    assert.equal(code, 1)
    assert.match(stderr, /TypeError: what\nis this\n +at .*verbose\.mjs/)
    await command.gone()
  })

  it('ends the process when it comes again and again', async (context) => {
    const fault = "setInterval(() => { throw new Error('again') }, 50)"
    const command = startFaulty(context, { name: 'again', when: '/steady/', fault }, [
      ...long,
      '--no-save',
    ])
    const { code, stderr } = await command.ended
    assert.equal(code, 1)
    assert.ok((stderr.match(/nobody foresaw/g) ?? []).length >= 2)
    await command.gone()
  })
})
