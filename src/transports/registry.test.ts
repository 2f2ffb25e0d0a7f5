import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SWEEP_KEYS } from '../scenario/sweep.ts'
import { transports } from './registry.ts'
import { concerns } from './transport.ts'

test('each pace concerns the techniques that keep it, every other key concerns all', () => {
  const concerned = SWEEP_KEYS.map((key) => [
    key,
    transports.filter((transport) => concerns(key, transport)).map(({ name }) => name),
  ])
  const all = transports.map(({ name }) => name)
  assert.deepEqual(Object.fromEntries(concerned), {
    clients: all,
    channels: all,
    rate: all,
    payload: all,
    interval: ['short-poll'],
    hold: ['long-poll'],
  })
})
