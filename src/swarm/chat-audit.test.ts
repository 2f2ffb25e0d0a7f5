/** The audit of messages that clients send: by sender, and of what the server has acknowledged. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowNs } from '../measure/clock.ts'
import type { Session } from '../transports/transport.ts'
import { formatFiller, formatMark } from '../wire/mark.ts'
import type { WorkerPlan } from './messages.ts'
import { expectedOf, type Sent, streamOf } from './run-order.ts'
import { Shard } from './shard.ts'

/** Six clients in two rooms: 0, 2, 4 and 1, 3, 5. */
const WORKLOAD = { clients: 6, channels: 2, instances: 1, run: 7, speaks: true }

const PLAN: WorkerPlan = {
  ...{ worker: 0, transport: 'sse', engine: 'lean', asks: false, slotMs: null, sendRate: 1 },
  ...{ loadAfterMs: 0, loadBeforeMs: 0, arrivals: 'poisson', workload: WORKLOAD, first: 0, end: 6 },
  targets: [
    { host: '127.0.0.1', port: 1, secure: false, authority: 'a', basePath: '', token: null },
  ],
  pace: { intervalMs: 100, holdMs: 1_000, rate: 3, timeoutMs: 1_000, backoff: 'full-jitter' },
  ...{ payloadBytes: 128, givesWay: false, sharesHost: false, rampUpMs: null },
  ...{ connecting: 6, seed: 1 },
}

function rooms() {
  const sessions: Session[] = []
  const open = (_target: unknown, session: Session) => {
    sessions.push(session)
    return { start: () => session.subscribed(), stop() {} }
  }
  const shard = new Shard(PLAN, open, { onSamplesFull() {}, onRamped() {}, onSpoken() {} })
  shard.start()
  shard.window = { startNs: 0, endNs: Number.POSITIVE_INFINITY }
  const hear = (client: number, sender: number, ...sequences: readonly number[]): void => {
    for (const sequence of sequences) {
      const intendedAtNs = Math.floor(nowNs() / 1000) * 1000
      const channel = streamOf(WORKLOAD, sender)
      const mark = formatMark({
        ...{ run: 7, channel, sequence, intendedAtNs },
        handedOverAtNs: intendedAtNs,
      })
      const bytes = Buffer.from(mark + formatFiller(128, mark.length))
      sessions[client]?.received(bytes, 0, bytes.length, Number.NaN)
    }
  }
  return { shard, hear }
}

/** Each sender's sequences of the window, of six. */
function sent(
  first: readonly number[],
  last: readonly number[],
  lost: readonly (readonly [sender: number, sequence: number])[] = [],
): Sent {
  const begin = streamOf(WORKLOAD, 0)
  const stream = (of: readonly number[]) => Uint32Array.from([...new Array(begin).fill(0), ...of])
  return {
    first: stream(first),
    last: stream(last),
    unacknowledged: {
      senders: Uint32Array.from(lost, ([sender]) => sender),
      sequences: Uint32Array.from(lost, ([, sequence]) => sequence),
    },
  }
}

test('order is judged by sender, whatever comes between', (context) => {
  const { shard, hear } = rooms()
  context.after(() => shard.stop())
  hear(0, 0, 1, 2)
  hear(0, 2, 1)
  hear(0, 0, 3)
  hear(0, 4, 1, 3, 2)
  hear(0, 2, 2, 2)
  const { outOfOrder, duplicates, misrouted } = shard.audited
  assert.deepEqual([outOfOrder, duplicates, misrouted], [1, 1, 0])
})

test('a message of another room is misrouted, and so is one of nobody', (context) => {
  const { shard, hear } = rooms()
  context.after(() => shard.stop())
  hear(0, 1, 1)
  hear(0, 6, 1)
  assert.equal(shard.audited.misrouted, 2)
})

test('every member is owed what was acknowledged, its sender included, and nobody the rest', (context) => {
  const { shard, hear } = rooms()
  context.after(() => shard.stop())
  // Of client 2 the second was not acknowledged; client 4 got it all the same, client 0 did not.
  hear(0, 2, 1, 3)
  hear(2, 2, 1, 3)
  hear(4, 2, 1, 2)
  const settlement = shard.settle(sent([0, 0, 1, 0, 0, 0], [0, 0, 3, 0, 0, 0], [[2, 2]]))
  assert.deepEqual(
    { ...settlement, delivered: shard.audited.delivered },
    { expected: 7, lost: 1, gapped: 0, forged: 0, provable: 3, unproven: 0, delivered: 6 },
  )
})

test('what nobody has sent is forged', (context) => {
  const { shard, hear } = rooms()
  context.after(() => shard.stop())
  hear(1, 3, 1, 2, 3)
  assert.equal(shard.settle(sent([0, 0, 0, 1, 0, 0], [0, 0, 0, 2, 0, 0])).forged, 1)
})

test('what clients of a lost worker are owed is counted by the room', () => {
  const owed = expectedOf(
    WORKLOAD,
    { first: 0, end: 3 },
    sent([1, 0, 4, 2, 0, 0], [2, 0, 4, 4, 0, 0], [[3, 3]]),
  )
  // Clients 0 and 2 of a room with 3 messages, client 1 of one with 2.
  assert.equal(owed, 8)
})
