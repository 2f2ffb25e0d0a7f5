import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plannedRunsOf } from './pair.ts'

test('both sides take turns, A B B A, and the transports, too', () => {
  const turns = plannedRunsOf({ transports: ['sse', 'websocket'], repeat: 3 })
  assert.deepEqual(
    turns.map(({ transport, repetition, side }) => `${side[0]} ${transport} ${repetition}`),
    [
      'b sse 1',
      'c sse 1',
      'b websocket 1',
      'c websocket 1',
      'c websocket 2',
      'b websocket 2',
      'c sse 2',
      'b sse 2',
      'b sse 3',
      'c sse 3',
      'b websocket 3',
      'c websocket 3',
    ],
  )
})
