import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BusMessage } from './backplane.ts'
import { WAIT_MS, Waiting } from './waiting.ts'

const events = (count: number, data = ''): readonly BusMessage[] =>
  Array.from({ length: count }, () => ({ channel: 'news', type: null, data, acceptedAtNs: 1 }))

const refusal = (why: string): Error => new Error(`the bus cannot be reached: gone; ${why}`)

describe('what is published while a bus cannot be reached', () => {
  it('is handed over in the order of the calls, once, and told what became of it', async () => {
    const waiting = new Waiting()
    const handed: string[] = []
    const publish = (messages: readonly BusMessage[], waitedMs: number): Promise<void> => {
      assert.ok(waitedMs >= 0 && waitedMs < WAIT_MS)
      handed.push(messages.map(({ data }) => data).join())
      return messages[0]?.data === 'b' ? Promise.reject(new Error('no memory')) : Promise.resolve()
    }
    const fates = ['a', 'b', 'c'].map((data) => waiting.add(events(2, data), refusal))
    waiting.handOver(publish)
    assert.deepEqual(handed, ['a,a', 'b,b', 'c,c'])
    const [a, b, c] = await Promise.allSettled(fates)
    assert.deepEqual([a?.status, c?.status], ['fulfilled', 'fulfilled'])
    assert.match(b?.status === 'rejected' ? String(b.reason) : '', /no memory/)
    waiting.handOver(publish)
    waiting.refuse(new Error('it is closed'))
    assert.equal(handed.length, 3)
  })

  it('is refused each after its own time, saying why, and then not handed over', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const waiting = new Waiting()
    const first = waiting.add(events(1, 'first'), refusal)
    context.mock.timers.tick(WAIT_MS - 1)
    const second = waiting.add(events(1, 'second'), refusal)
    context.mock.timers.tick(1)
    await assert.rejects(first, {
      message: 'the bus cannot be reached: gone; it did not come back within 4 s',
    })
    const handed: string[] = []
    waiting.handOver(async ([message]) => {
      handed.push(message?.data ?? '')
    })
    await second
    assert.deepEqual(handed, ['second'])
    context.mock.timers.tick(WAIT_MS)
  })

  it('is bounded by its number and by its bytes; a larger call waits alone', async () => {
    for (const [full, more] of [
      [events(20_000), events(1)],
      [events(32, 'x'.repeat(1024 * 1024)), events(1, 'x')],
      [events(33, 'x'.repeat(1024 * 1024)), events(1)],
    ] as const) {
      const waiting = new Waiting()
      const waits = waiting.add(full, refusal)
      await assert.rejects(waiting.add(more, refusal), /too many events wait for the bus already$/)
      waiting.handOver(() => Promise.resolve())
      await waits
      // There is room again.
      const later = waiting.add(more, refusal)
      waiting.handOver(() => Promise.resolve())
      await later
    }
  })

  it('is refused at once when the bus is closed', async () => {
    const waiting = new Waiting()
    const waits = waiting.add(events(1), refusal)
    waiting.refuse(new Error('it is closed'))
    await assert.rejects(waits, /it is closed/)
  })
})
