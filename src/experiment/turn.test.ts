import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flagLayer } from '../scenario/layer.ts'
import { planOf } from './scenario-sources.ts'
import { absence, turnsOf } from './turn.ts'

const orderOf = (options: Readonly<Record<string, unknown>>): string[] =>
  turnsOf(planOf([flagLayer(options)])).map(
    ({ name, point, repetition }) => `${repetition} ${name}${point == null ? '' : ` ${point}`}`,
  )

test('every repetition begins with another transport', () => {
  assert.deepEqual(orderOf({ repeat: 2, transport: 'sse,websocket,long-poll' }), [
    '1 sse',
    '1 websocket',
    '1 long-poll',
    '2 websocket',
    '2 long-poll',
    '2 sse',
  ])
})

test('a sweep goes value by value, each repetition from another one', () => {
  const options = { repeat: 2, transport: 'sse,websocket', sweep: 'rate=1,2,3' }
  assert.deepEqual(orderOf(options), [
    '1 sse 1',
    '1 websocket 1',
    '1 sse 2',
    '1 websocket 2',
    '1 sse 3',
    '1 websocket 3',
    '2 websocket 2',
    '2 sse 2',
    '2 websocket 3',
    '2 sse 3',
    '2 websocket 1',
    '2 sse 1',
  ])
})

test('what a value does not concern is measured once a repetition', () => {
  const options = { repeat: 2, sweep: 'interval=500ms,1s', transport: 'short-poll,sse' }
  assert.deepEqual(orderOf(options), [
    '1 short-poll 500',
    '1 sse',
    '1 short-poll 1000',
    '2 short-poll 1000',
    '2 sse',
    '2 short-poll 500',
  ])
})

test('each turn has its scenario, its place and, in a sweep alone, a point', () => {
  const plan = planOf([flagLayer({ sweep: 'interval=500ms,1s', transport: 'short-poll,sse' })])
  const turns = turnsOf(plan)
  assert.deepEqual(
    turns.map(({ index, scenario, point }) => [index, scenario.intervalMs, point]),
    [
      [0, 500, 500],
      [1, 500, null],
      [2, 1000, 1000],
    ],
  )
  assert.deepEqual(turns.map((turn) => absence(turn, 'why'))[1], {
    transport: 'sse',
    label: 'Server-Sent Events',
    repetition: 1,
    point: null,
    reason: 'why',
  })
  const [bare] = turnsOf(planOf([flagLayer({ transport: 'sse' })]))
  assert.ok(bare !== undefined)
  assert.equal(bare.point, undefined)
  assert.equal('point' in absence(bare, 'why'), false)
})
