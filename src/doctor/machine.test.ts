import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadBetween, parseTicks, processorTime } from './machine.ts'

test('lines of proc(5) are read, without the guests', () => {
  const stat = 'cpu  20 0 20 140 10 0 0 10 9 9\ncpu0 10 0 10 70 5 0 0 5 9 9\ncpu1 0 0 0 100\n'
  assert.deepEqual(parseTicks(stat, []), { total: 200, busy: 20, stolen: 5 })
  assert.deepEqual(parseTicks(stat, [0]), { total: 100, busy: 20, stolen: 5 })
  assert.deepEqual(parseTicks(stat, [1]), { total: 100, busy: 0, stolen: 0 })
  for (const none of ['intr 5', '']) assert.equal(parseTicks(none, []), null)
})

test('the load is that of the processors that this process may use', () => {
  const load = (allowed: string) => {
    const status = `Name:\tnode\nCpus_allowed:\t1\nCpus_allowed_list:\t${allowed}\n`
    const before = processorTime('cpu0 0 0 0 100\ncpu1 0 0 0 100\n', status)
    const after = processorTime('cpu0 0 0 0 200\ncpu1 80 0 10 110\n', status)
    return loadBetween(before, after)
  }
  assert.deepEqual(load('0'), { busy: 0, stolen: 0 })
  assert.deepEqual(load('1'), { busy: 0.9, stolen: 0 })
  assert.deepEqual(load('0-1'), { busy: 0.45, stolen: 0 })
})

test('without /proc it is that of the host', () => {
  const before = { ticks: null, host: { busyMs: 0, totalMs: 0 } }
  const after = { ticks: null, host: { busyMs: 30, totalMs: 100 } }
  assert.deepEqual(loadBetween(before, after), { busy: 0.3, stolen: null })
  assert.equal(loadBetween(before, before), null)
})
