import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { wakeAt } from './delay-line.ts'

/** How late it wakes up, milliseconds. */
function latenessMs(waitMs: number): Promise<number> {
  const atNs = nowNs() + waitMs * NS_PER_MS
  // The timer itself does not keep the process.
  const keep = setInterval(() => {}, 1_000)
  return new Promise((resolve) => {
    wakeAt(atNs, () => {
      clearInterval(keep)
      resolve((nowNs() - atNs) / NS_PER_MS)
    })
  })
}

test('wakes up after its time, never before, and as a rule soon', async () => {
  let late: number[] = []
  // A busy machine lets most of them wait; a timer of whole milliseconds would be late each time.
  for (let round = 0; round < 5 && !((late[2] ?? 1) < 0.5); round++) {
    late = []
    for (const waitMs of [0, 0.3, 1.9, 2.1, 7.7, 12.5, 3, 9, 4.4]) {
      late.push(await latenessMs(waitMs))
    }
    late.sort((a, b) => a - b)
    assert.ok((late[0] ?? -1) >= 0, `${late}`)
  }
  assert.ok((late[2] ?? 1) < 0.5, `${late}`)
})

test('lets the event loop go round while it waits', async () => {
  let now = 0
  let woken = false
  wakeAt(
    0.5 * NS_PER_MS,
    () => {
      woken = true
    },
    () => now,
  )
  for (let round = 0; round < 5; round++) await new Promise(setImmediate)
  assert.equal(woken, false)
  now = 0.5 * NS_PER_MS
  for (let round = 0; round < 2; round++) await new Promise(setImmediate)
  assert.equal(woken, true)
})
