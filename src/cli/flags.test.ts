import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRepeatable } from './flags.ts'
import { createProgram } from './program.ts'

/** Parses, and starts nothing. */
async function parsed(name: string, words: readonly string[]): Promise<Record<string, unknown>> {
  const program = createProgram()
  const command = program.commands.find((one) => one.name() === name) ?? assert.fail(name)
  command.allowExcessArguments().action(() => {})
  await program.parseAsync([name, ...words], { from: 'user' })
  return command.opts()
}

test('a flag that takes one value takes it once, in every command', async () => {
  for (const command of createProgram().commands) {
    for (const option of command.options.filter(({ required }) => required)) {
      const flag = option.long ?? assert.fail(option.flags)
      const twice = parsed(command.name(), [flag, 'one', 'x', 'y', `${flag}=a b`])
      if (isRepeatable(option)) await twice
      else {
        const both = flag === '--token' ? '' : ', one and "a b"'
        const message = `${flag}: is given twice${both}; expected it once`
        await assert.rejects(twice, { code: 'usage', message }, `${command.name()} ${flag}`)
      }
    }
  }
})

test('repeatable flags keep every value, switches do not count', async () => {
  const { threshold } = await parsed('run', ['--threshold', 'lost==0', '--threshold', 'p50<1s'])
  assert.deepEqual(threshold, ['lost==0', 'p50<1s'])
  assert.equal(
    (await parsed('serve', ['--fault', 'drop=1%', '--fault', 'swap=1%']))['fault'],
    'drop=1%,swap=1%',
  )
  assert.equal((await parsed('run', ['--json', '--json']))['json'], true)
})
