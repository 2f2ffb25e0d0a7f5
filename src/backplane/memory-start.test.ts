import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BusReceiver, Delivered } from './backplane.ts'
import { open } from './memory.ts'
import { startMemoryBus } from './memory-start.ts'

const OPTIONS = { namespace: 'a', retain: 10, routing: 'broadcast' } as const

/** Keeps what it is told, a word each. */
function recorder(): BusReceiver & { readonly told: string[] } {
  const told: string[] = []
  return {
    told,
    begin: (epoch) => told.push(`begin ${epoch}`),
    receive: (events: readonly Delivered[]) => {
      for (const { position, message } of events) told.push(`${position} ${message.data}`)
    },
    gap: (lostUpTo) => told.push(`gap ${lostUpTo}`),
    lost: () => told.push('lost'),
    restored: () => told.push('restored'),
  }
}

test('a bus that is killed is there again with an empty store, and gone for good when it is stopped', async () => {
  const bus = await startMemoryBus()
  const path = bus.url.slice('memory://'.length)
  const member = await open(bus.url, OPTIONS)
  try {
    const receiver = recorder()
    await member.join(receiver)
    const message = { channel: 'a', type: null, data: 'x', acceptedAtNs: 1 }
    await member.publish([message])
    const { pid } = bus
    process.kill(pid, 'SIGKILL')
    for (let left = 2_000; left > 0 && receiver.told.at(-1) !== 'restored'; left--) await sleep(10)
    await member.publish([message])
    const [first = '', ...rest] = receiver.told
    const again = rest[2] ?? ''
    assert.match(first, /^begin /)
    assert.notEqual(again, first)
    assert.deepEqual(rest, ['1 x', 'lost', again, 'restored', '1 x'])
    assert.notEqual(bus.pid, pid)
    assert.throws(() => process.kill(pid, 0))
  } finally {
    await member.close()
    await bus.stop()
  }
  assert.throws(() => process.kill(bus.pid, 0))
  assert.ok(!existsSync(path))
})
