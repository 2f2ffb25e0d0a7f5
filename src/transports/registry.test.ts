import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SWEEP_KEYS } from '../scenario/sweep.ts'
import { transportMeant } from '../scenario/transport-name.ts'
import { transportNamed, transports } from './registry.ts'
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
    instances: all,
  })
})

const names = {
  transportNames: transports.map(({ name }) => name),
  otherNames: (name: string) => transportNamed(name).otherNames,
}

test('a transport is meant by its names as people write them, and by no other', () => {
  for (const [word, name] of [
    ['ws', 'websocket'],
    ['WebSockets', 'websocket'],
    ['SSE', 'sse'],
    ['EventSource', 'sse'],
    ['Server-Sent Events', 'sse'],
    ['longpoll', 'long-poll'],
    ['long-polling', 'long-poll'],
    ['Long Polling', 'long-poll'],
    ['LONG_POLL', 'long-poll'],
    ['polling', 'short-poll'],
    ['short-polling', 'short-poll'],
    ['All', 'all'],
    ['wws', 'wws'],
    ['ss-e', 'ss-e'],
    ['long', 'long'],
    ['ws\n', 'ws\n'],
    ['', ''],
  ] as const) {
    assert.equal(transportMeant(word, names), name)
  }
})

test('each name is of one transport, whose label means it, too', () => {
  for (const { name, label, otherNames } of transports) {
    for (const word of [name, label, ...otherNames]) {
      assert.equal(transportMeant(word, names), name)
      const others = names.transportNames.filter((other) => other !== name)
      assert.equal(transportMeant(word, { ...names, transportNames: others }), word)
    }
  }
})
