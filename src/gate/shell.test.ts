import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Shell } from './shell.ts'

test('tells how a command ended, and what it said last', async () => {
  const shell = new Shell("echo one; printf '\\033[31mtwo\\033[0m\\n\\n'; exit 3", '.')
  assert.equal(await shell.ended, 'exit code 3')
  assert.equal(shell.succeeded, false)
  await shell.stop()
  assert.equal(shell.lastLine, 'two')
})

test('tells the cause of a crash, and not the end of its stack', async () => {
  const shell = new Shell(`"${process.execPath}" -e "throw new RangeError('too far')"`, '.')
  assert.equal(await shell.ended, 'exit code 1')
  await shell.stop()
  assert.equal(shell.lastLine, 'RangeError: too far')
})

test('hears a last word that is as long as a pipe', async () => {
  const shell = new Shell('head -c 60000 /dev/zero | tr "\\0" x; echo; echo end; exit 1', '.')
  await shell.ended
  await shell.stop()
  assert.equal(shell.lastLine, 'end')
})

test('a command that does well', async () => {
  const shell = new Shell('true', '.')
  await shell.ended
  assert.equal(shell.succeeded, true)
  await shell.stop()
})

test('ends what the command started, too, though it does not want to', async () => {
  const shell = new Shell("trap '' TERM; sleep 600 & echo $!; wait", '.')
  while (!/^\d+$/.test(shell.lastLine)) await new Promise((resolve) => setTimeout(resolve, 10))
  const grandchild = Number(shell.lastLine)
  process.kill(grandchild, 0)
  shell.signal('SIGKILL')
  await shell.stop()
  const isGone = (): boolean => {
    try {
      process.kill(grandchild, 0)
      return false
    } catch {
      return true
    }
  }
  const untilMs = performance.now() + 5_000
  while (!isGone() && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert(isGone())
})
