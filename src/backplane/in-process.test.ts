import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backplaneNames, openBackplane } from './in-process.ts'

test('every receiver gets all messages in one order', async () => {
  const backplane = openBackplane<number>('memory')
  const received: (readonly number[])[][] = [[], []]
  for (const into of received) await backplane.subscribe((messages) => into.push(messages))
  await Promise.all([[1, 2], [], [3]].map((messages) => backplane.publish(messages)))
  assert.deepEqual(received, [
    [[1, 2], [], [3]],
    [[1, 2], [], [3]],
  ])
})

test('all is received when publish returns', () => {
  const backplane = openBackplane<string>('memory')
  let received = 0
  void backplane.subscribe((messages) => {
    received += messages.length
  })
  void backplane.publish(['a', 'b'])
  assert.equal(received, 2)
})

test('what nobody receives is gone', async () => {
  const backplane = openBackplane<string>('memory')
  await backplane.publish(['a'])
  const received: string[] = []
  await backplane.subscribe((messages) => received.push(...messages))
  await backplane.publish(['b'])
  assert.deepEqual(received, ['b'])
})

test('each backplane of the registry is opened by its name, and no other one', async () => {
  for (const name of backplaneNames) {
    const backplane = openBackplane<number>(name)
    const received: number[] = []
    await backplane.subscribe((messages) => received.push(...messages))
    await backplane.publish([1, 2])
    assert.deepEqual(received, [1, 2], name)
  }
  assert.throws(() => openBackplane('constructor'), /no backplane is named constructor/)
})
