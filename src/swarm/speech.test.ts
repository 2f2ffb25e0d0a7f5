import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { LoopWatch } from '../measure/lateness.ts'
import { MarkScanner } from '../wire/mark.ts'
import type { SpeechReport } from './heard.ts'
import { Instrument } from './instrument.ts'
import { noCounts, type SpeechSchedule, type WorkerPlan } from './messages.ts'
import { senderOf } from './run-order.ts'
import { type Speaker, Speech } from './speech.ts'

const WORKLOAD = { clients: 12, channels: 3, instances: 2, run: 7, speaks: true }

interface Said {
  readonly client: number
  readonly channel: string
  readonly stream: number
  readonly sequence: number
  readonly intendedAtNs: number
}

interface Scene {
  readonly said: Said[]
  readonly speech: Speech
  readonly speaker: Speaker
  /** Set when it is over. */
  report: SpeechReport | null
}

/** A worker whose clients write to a list; each message is answered as the test says. */
function worker(
  first: number,
  end: number,
  answer: (speech: Speech, ref: number) => void = (speech, ref) =>
    speech.acknowledged(ref, null, 10),
): Scene {
  const plan: WorkerPlan = {
    ...{ worker: 0, transport: 'websocket', engine: 'lean', asks: false, slotMs: null },
    ...{ loadAfterMs: 0, loadBeforeMs: 0, arrivals: 'poisson', workload: WORKLOAD, first, end },
    targets: [],
    pace: { intervalMs: 100, holdMs: 1_000, rate: 3, timeoutMs: 1_000, backoff: 'full-jitter' },
    ...{ payloadBytes: 128, givesWay: false, sharesHost: false, rampUpMs: null, sendRate: 50 },
    ...{ connecting: 6, seed: 5 },
  }
  const said: Said[] = []
  const scanner = new MarkScanner(128)
  const clientAt = (index: number) => ({
    start() {},
    stop() {},
    say(channel: string, data: string, ref: number) {
      assert.ok(scanner.next(Buffer.from(data), 0, data.length))
      const { channel: stream, sequence, intendedAtNs, damaged } = scanner
      assert.equal(damaged, false)
      said.push({ client: first + index, channel, stream, sequence, intendedAtNs })
      setImmediate(() => answer(scene.speech, ref))
      return 100
    },
  })
  const speaker: Speaker = {
    plan,
    counts: noCounts(),
    instrument: new Instrument(plan, new LoopWatch()),
    clientAt,
    targetOf: () => assert.fail('no request is needed'),
    onRead() {},
    onSpoken: (report) => {
      scene.report = report
    },
  }
  const scene: Scene = { said, speaker, speech: new Speech(speaker, true), report: null }
  return scene
}

function scheduleFrom(startNs: number): SpeechSchedule {
  const at = (ms: number): number => startNs + ms * NS_PER_MS
  const span = (from: number, to: number) => ({ startNs: at(from), endNs: at(to) })
  return {
    costs: {
      heating: { span: span(0, 50), events: 24 },
      idle: span(50, 60),
      ingest: span(60, 100),
    },
    loadFromNs: at(100),
    window: span(150, 400),
  }
}

async function spoken(...scenes: readonly Scene[]): Promise<SpeechReport[]> {
  const untilNs = nowNs() + 20e9
  while (scenes.some(({ report }) => report === null)) {
    assert.ok(nowNs() < untilNs, 'no report within 20 s')
    await sleep(10)
  }
  return scenes.map(({ report }) => report as SpeechReport)
}

/** To its own room, and not to one without a listener. */
function load({ said }: Scene): Said[] {
  return said.filter(({ stream }) => senderOf(WORKLOAD, stream) >= 0)
}

test('each client says the same at the same times, however many workers there are', async () => {
  const schedule = scheduleFrom(nowNs() + 20 * NS_PER_MS)
  const [whole, left, right] = [worker(0, 12), worker(0, 5), worker(5, 12)] as const
  for (const { speech } of [whole, left, right]) speech.begin(schedule)
  await spoken(whole, left, right)
  const sorted = (all: readonly Said[]) =>
    [...all].sort(
      (one, other) => one.intendedAtNs - other.intendedAtNs || one.client - other.client,
    )
  const all = sorted(load(whole))
  assert.ok(all.length > 60, `${all.length} messages`)
  assert.deepEqual(sorted([...load(left), ...load(right)]), all)
  for (const client of new Array(12).keys()) {
    const own = all.filter((one) => one.client === client)
    assert.deepEqual(
      own.map(({ sequence }) => sequence),
      own.map((_, index) => index + 1),
    )
    assert.ok(own.every(({ stream }) => senderOf(WORKLOAD, stream) === client))
    assert.ok(own.every(({ channel }) => channel === `run7.${client % 3}`))
  }
})

test('before the load messages go where nobody listens, of every client', async () => {
  const schedule = scheduleFrom(nowNs() + 20 * NS_PER_MS)
  const scene = worker(0, 12)
  scene.speech.begin(schedule)
  const [report] = await spoken(scene)
  const unheard = scene.said.filter(({ stream }) => senderOf(WORKLOAD, stream) < 0)
  // Two of each to warm up, then as many as the load would be in 40 ms.
  assert.equal(report?.counts.unheard, 24)
  assert.equal(unheard.length, 24 + 24)
  assert.equal(new Set(unheard.map(({ client }) => client)).size, 12)
  for (const { client, channel } of unheard) assert.equal(channel, `run7.${3 + (client % 2)}`)
})

test('the window is accounted for: what was taken, what was refused, what nobody knows', async () => {
  let answered = 0
  const scene = worker(0, 12, (speech, ref) => {
    answered++
    if (answered % 3 === 0) speech.acknowledged(ref, 'ws-refused', 10)
    else if (answered % 3 === 1) speech.acknowledged(ref, null, 10)
    // The rest is cut off with its connection.
    else for (const client of new Array(12).keys()) speech.cut(client, 'closed')
  })
  const schedule = scheduleFrom(nowNs() + 20 * NS_PER_MS)
  scene.speech.begin(schedule)
  const [report] = await spoken(scene)
  assert.ok(report !== undefined)
  const { counts, refusals, first, last, unacknowledged, perSecond } = report
  const { due, accepted, dropped, unknown } = counts
  const { startNs, endNs } = schedule.window
  const counted = load(scene).filter(
    ({ intendedAtNs }) => intendedAtNs >= startNs && intendedAtNs < endNs,
  )
  assert.equal(due, counted.length)
  assert.equal(accepted + dropped + unknown, due)
  assert.ok(accepted > 0 && dropped > 0 && unknown > 0, `${accepted} ${dropped} ${unknown}`)
  assert.deepEqual(refusals, { 'ws-refused': dropped, closed: unknown })
  assert.equal(unacknowledged.senders.length, dropped + unknown)
  assert.equal(
    [...first.entries()].reduce(
      (sum, [client, from]) => sum + (from === 0 ? 0 : (last[client] as number) - from + 1),
      0,
    ),
    due,
  )
  assert.deepEqual([...perSecond], [due])
  // Of four members each.
  assert.equal(counts.deliveries, due * 4)
  const { acknowledgedUs, slipsUs } = scene.speech.take()
  assert.deepEqual([acknowledgedUs.length, slipsUs.length], [accepted, due])
  assert.deepEqual(
    [scene.speaker.counts.upRequests, scene.speaker.counts.upMessages],
    [0, scene.said.length],
  )
})

test('cut short, it ends at once and accounts for its part', async () => {
  const scene = worker(0, 12)
  const startNs = nowNs()
  scene.speech.begin({ ...scheduleFrom(startNs), window: { startNs, endNs: startNs + 60e9 } })
  await sleep(300)
  scene.speech.finish()
  const [report] = await spoken(scene)
  assert.ok(report !== undefined && report.counts.due > 0)
  assert.equal(report.counts.accepted, report.counts.due)
  const { length } = scene.said
  await sleep(100)
  assert.equal(scene.said.length, length)
})
