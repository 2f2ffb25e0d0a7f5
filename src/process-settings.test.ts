import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, getPriority } from 'node:os'
import { test } from 'node:test'
import { allowedProcessors, processorsOf } from './process-settings.ts'

const PROGRAM = `
import { getPriority, setPriority } from 'node:os'
import { giveWay } from ${JSON.stringify(new URL('process-settings.js', import.meta.url).href)}
setPriority(Number(process.argv[1]))
giveWay()
console.log(getPriority())
`

/** The priority of a process that gives way, having started with one. */
function after(start: number): number {
  const args = ['--input-type=module', '-e', PROGRAM, String(start)]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

const hasNice = process.platform !== 'win32'

test('gives way from where the invocation stands, never ahead of it', { skip: !hasNice }, () => {
  const own = getPriority()
  assert.equal(after(own), Math.min(own + 5, 19))
  assert.equal(after(Math.max(own, 12)), Math.min(Math.max(own, 12) + 5, 19))
  assert.equal(after(constants.priority.PRIORITY_LOW), 19)
})

test('the processors that a process may run on are read from its status', () => {
  const read = (list: string) =>
    allowedProcessors(`Name:\tnode\nCpus_allowed_list:\t${list}\nx:\t1\n`)
  assert.deepEqual(read('0-2,8'), [0, 1, 2, 8])
  assert.deepEqual(read('5'), [5])
  for (const none of ['', 'all', '-3']) assert.deepEqual(read(none), [])
  assert.deepEqual(allowedProcessors(''), [])
})

test('server and clients have a half each, where as many processes fit it as share it', () => {
  const four = [0, 1, 2, 3]
  assert.deepEqual(processorsOf('server', 1, four), [0, 1])
  assert.deepEqual(processorsOf('clients', 1, four), [2, 3])
  assert.deepEqual(processorsOf('server', 1, [4, 5]), [4])
  assert.deepEqual(processorsOf('server', 2, four), [0, 1])
  // Two instances and their bus.
  assert.equal(processorsOf('server', 3, four), null)
  assert.equal(processorsOf('server', 1, [7]), null)
})
