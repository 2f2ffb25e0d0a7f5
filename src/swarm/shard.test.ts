import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Happening } from '../history/recorder.ts'
import { nowNs } from '../measure/clock.ts'
import type { Session } from '../transports/transport.ts'
import { formatFiller, formatMark } from '../wire/mark.ts'
import type { WorkerPlan } from './messages.ts'
import { Shard } from './shard.ts'

const RUN = 7

const PLAN: WorkerPlan = {
  worker: 0,
  sendRate: 0,
  transport: 'sse',
  engine: 'lean',
  asks: false,
  slotMs: null,
  loadAfterMs: 0,
  loadBeforeMs: 0,
  arrivals: 'poisson',
  workload: { clients: 1, channels: 1, instances: 1, run: RUN },
  first: 0,
  end: 1,
  targets: [
    { host: '127.0.0.1', port: 1, secure: false, authority: 'a', basePath: '', token: null },
  ],
  pace: { intervalMs: 100, holdMs: 1_000, rate: 0, timeoutMs: 1_000, backoff: 'full-jitter' },
  payloadBytes: 128,
  givesWay: false,
  sharesHost: false,
  rampUpMs: null,
  connecting: 1,
  seed: 1,
}

/** A shard whose one client gets what the test says, from within its window. */
function subscribed(plan: Partial<WorkerPlan> = {}) {
  let session: Session | null = null
  const open = (_target: unknown, of: Session) => {
    session = of
    return { start: () => of.subscribed(), stop() {} }
  }
  const shard = new Shard({ ...PLAN, ...plan }, open, {
    onSamplesFull() {},
    onRamped() {},
    onSpoken() {},
  })
  shard.start()
  shard.agenda.stop()
  shard.window = { startNs: 0, endNs: Number.POSITIVE_INFINITY }
  const receive = (text: string): void => {
    const bytes = Buffer.from(text)
    session?.received(bytes, 0, bytes.length, Number.NaN)
  }
  return { shard, receive, session: (): Session | null => session }
}

function payload(sequence: number, run = RUN, payloadBytes = PLAN.payloadBytes): string {
  const nowWholeNs = Math.floor(nowNs() / 1000) * 1000
  const times = { intendedAtNs: nowWholeNs, handedOverAtNs: nowWholeNs }
  const mark = formatMark({ run, channel: 0, sequence, ...times })
  return mark + formatFiller(payloadBytes, mark.length)
}

test('a damaged payload is counted, and is no delivery to the audit', (context) => {
  const { shard, receive } = subscribed()
  context.after(() => shard.stop())
  receive(payload(1))
  // A sequence that was changed would leave a hole, and make the next ones late.
  receive(payload(2).replace('_2_', '_686_'))
  receive(payload(3).slice(0, -1))
  receive(`${payload(4).slice(0, -1)}?`)
  receive(payload(5))
  const { audit, latenciesUs, counts } = shard.snapshot(null)
  assert.deepEqual(
    [audit.damaged, audit.delivered, audit.outOfOrder, audit.duplicates, audit.foreign],
    [3, 2, 0, 0, 0],
  )
  assert.deepEqual([latenciesUs.length, counts.deliveries], [2, 2])
  assert.deepEqual(shard.settle({ first: Uint32Array.of(1), last: Uint32Array.of(5) }), {
    expected: 5,
    gapped: 0,
    lost: 3,
    forged: 0,
    provable: 1,
    unproven: 0,
  })
})

test("another run's payload is foreign, however long it is", (context) => {
  const { shard, receive } = subscribed()
  context.after(() => shard.stop())
  receive(payload(1, 8))
  receive(payload(2, 8, 256))
  const { audit } = shard.snapshot(null)
  assert.deepEqual([audit.foreign, audit.damaged, audit.delivered], [2, 0, 0])
})

test('who comes back says when it connected, in vain or not, and what it got of before', (context) => {
  let session: Session | null = null
  const open = (_target: unknown, of: Session) => {
    session = of
    return { start: () => of.subscribed(), stop() {}, carriedBytes: 345 }
  }
  const shard = new Shard(PLAN, open, { onSamplesFull() {}, onRamped() {}, onSpoken() {} })
  context.after(() => shard.stop())
  shard.start()
  shard.agenda.stop()
  shard.window = { startNs: 0, endNs: Number.POSITIVE_INFINITY }
  const client = session as Session | null
  assert.ok(client !== null)
  const receive = (sequence: number): void => {
    const bytes = Buffer.from(payload(sequence))
    client.received(bytes, 0, bytes.length, Number.NaN)
  }
  // Of a connection that was never lost nothing is told.
  client.dialled()
  client.reached()
  receive(1)
  const old = Buffer.from(payload(2))
  const beganNs = nowNs()
  client.cut('closed')
  client.dialled()
  client.cut('ECONNREFUSED')
  client.dialled()
  client.reached()
  const { reachedNs, missedNs, outages } = shard.snapshot(null)
  assert.deepEqual([reachedNs.length, missedNs.length, outages.length], [1, 1, 0])
  assert.ok((missedNs[0] ?? 0) >= beganNs && (reachedNs[0] ?? 0) >= (missedNs[0] ?? 0))
  client.subscribed()
  client.received(old, 0, old.length, Number.NaN)
  while (nowNs() < (shard.outages[0]?.backAtNs ?? 0) + 2_000_000);
  receive(3)
  const after = shard.snapshot(null)
  assert.deepEqual([after.audit.delivered, after.audit.replayed], [3, 1])
  assert.deepEqual(
    after.outages.map(({ cause, attempts, bytes }) => ({ cause, attempts, bytes })),
    [{ cause: 'closed', attempts: 2, bytes: 345 }],
  )
  assert.deepEqual([after.reachedNs.length, after.missedNs.length], [0, 0])
})

test('a history has the client end as it was when the shard settled', (context) => {
  const { shard, session } = subscribed({ records: true })
  context.after(() => shard.stop())
  const endsAs = (): number | undefined => {
    shard.noteEnd()
    return shard.recorder?.take()?.kinds.at(-1)
  }
  assert.equal(endsAs(), Happening.left)
  session()?.cut('ECONNRESET')
  assert.equal(endsAs(), Happening.gone)
  shard.settle({ first: Uint32Array.of(1), last: Uint32Array.of(1) })
  // It comes back when nobody counts any more what it gets.
  session()?.subscribed()
  assert.equal(endsAs(), Happening.gone)
  shard.settle({ first: Uint32Array.of(1), last: Uint32Array.of(1) })
  assert.equal(endsAs(), Happening.left)
})
