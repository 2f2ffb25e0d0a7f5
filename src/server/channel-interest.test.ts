import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelInterest } from './channel-interest.ts'

test('what nobody asked for lately and nobody listens to is left, and entered again when asked for', async () => {
  const asked: string[] = []
  const heard = new Set(['b'])
  const interest = new ChannelInterest(
    {
      enter: async (channel) => asked.push(`enter ${channel}`),
      leave: (channel) => asked.push(`leave ${channel}`),
    },
    {
      isHeard: (channel) => heard.has(channel),
      entered: () => {},
      left: (channel) => asked.push(`left ${channel}`),
    },
  )
  await interest.enter(['a', 'b'])
  const later = performance.now()
  await new Promise(setImmediate)
  interest.leaveIdle(0)
  assert.deepEqual(asked.splice(0), ['enter a', 'enter b'])
  interest.leaveIdle(later)
  assert.deepEqual(asked.splice(0), ['leave a', 'left a'])
  heard.clear()
  await interest.enter(['a'])
  interest.leaveIdle(later)
  assert.deepEqual(asked, ['enter a', 'leave b', 'left b'])
})
