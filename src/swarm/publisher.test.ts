import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowNs } from '../measure/clock.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Target } from '../transports/transport.ts'
import { type Mark, MarkScanner } from '../wire/mark.ts'
import type { PublisherReport } from './heard.ts'
import type { PublisherPlan, Span } from './messages.ts'
import { Publisher } from './publisher.ts'
import { audience } from './run-order.ts'
import { loadAlone } from './window.ts'

const MS = 1e6
const PAYLOAD_BYTES = 100

/** A server that takes publishes, and what it was told. */
class Inbox {
  readonly marks: Mark[] = []
  readonly payloads: number[] = []
  requests = 0
  cuts = 0
  /** What its answers wait for. */
  until: Promise<unknown> = Promise.resolve()
  readonly #server: Server
  target: Target = {
    host: '127.0.0.1',
    port: 0,
    secure: false,
    authority: 'inbox',
    basePath: '/base',
    token: 'secret',
  }

  /** @param answer null leaves every publish without one */
  constructor(context: TestContext, answer: number | null) {
    this.#server = createServer((request, response) => this.#take(request, response, answer))
    context.after(() => {
      this.#server.close()
      this.#server.closeAllConnections()
    })
  }

  /** Closes every connection. */
  cut(): void {
    this.cuts++
    this.#server.closeAllConnections()
  }

  async open(): Promise<Target> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.target = { ...this.target, port: (this.#server.address() as AddressInfo).port }
    return this.target
  }

  #take(request: IncomingMessage, response: ServerResponse, answer: number | null): void {
    assert.equal(request.url, '/base/publish')
    assert.equal(request.headers.authorization, 'Bearer secret')
    this.requests++
    let text = ''
    request.on('data', (piece: Buffer) => {
      text += piece
    })
    request.on('end', () => {
      for (const { data } of JSON.parse(text) as { data: string }[]) {
        const bytes = Buffer.from(data)
        const scanner = new MarkScanner(PAYLOAD_BYTES)
        assert.ok(scanner.next(bytes, 0, bytes.length))
        const { run, channel, sequence, intendedAtNs, handedOverAtNs, damaged } = scanner
        assert.ok(!damaged)
        this.marks.push({ run, channel, sequence, intendedAtNs, handedOverAtNs })
        this.payloads.push(bytes.length)
      }
      if (answer !== null) void this.until.then(() => response.writeHead(answer).end())
    })
  }
}

function plan(targets: readonly Target[], changes: Partial<PublisherPlan> = {}): PublisherPlan {
  return {
    workload: { clients: 4, channels: 4, instances: targets.length, run: 77 },
    targets,
    arrivals: 'constant',
    rate: 50,
    payloadBytes: PAYLOAD_BYTES,
    seed: 1,
    ...changes,
  }
}

/** Warm-up of 100 ms and a window of so many. */
function publish(publisher: Publisher, windowMs: number): [Promise<PublisherReport>, Span] {
  const startNs = nowNs()
  const window = { startNs: startNs + 100 * MS, endNs: startNs + (100 + windowMs) * MS }
  return [publisher.publish(loadAlone(startNs, window)), window]
}

describe('the publisher', () => {
  before(prepareHistograms)

  it('sends all of its schedule, numbered without a gap, and reports the window', async (context) => {
    const inbox = new Inbox(context, 202)
    const publisher = new Publisher(plan([await inbox.open()]))
    const [reported, window] = publish(publisher, 400)
    const report = await reported
    // 4 channels × 50/s: 20 in the warm-up, 80 in the window.
    assert.equal(inbox.marks.length, 100)
    assert.equal(report.published, 80)
    assert.deepEqual([report.due, report.accepted, report.dropped], [80, 80, 0])
    assert.deepEqual(report.first, Uint32Array.of(6, 6, 6, 6))
    assert.deepEqual(report.last, Uint32Array.of(25, 25, 25, 25))
    assert.deepEqual([...report.perSecond], [80])
    assert.ok(report.slipMaxUs !== null && report.slipMaxUs >= 0)
    for (const channel of [0, 1, 2, 3]) {
      const own = inbox.marks.filter((mark) => mark.channel === channel)
      assert.deepEqual(
        own.map(({ sequence }) => sequence),
        Array.from({ length: 25 }, (_, index) => index + 1),
      )
      const counted = own.filter(({ intendedAtNs }) => intendedAtNs >= window.startNs)
      assert.equal(counted[0]?.sequence, report.first[channel])
      assert.ok(own.every(({ run, intendedAtNs }) => run === 77 && intendedAtNs < window.endNs))
    }
    assert.ok(inbox.payloads.every((bytes) => bytes === PAYLOAD_BYTES))
  })

  it('sends a canary for each channel and what nobody hears before its load', async (context) => {
    const inboxes = [new Inbox(context, 202), new Inbox(context, 202)]
    const targets = await Promise.all(inboxes.map((inbox) => inbox.open()))
    const startNs = nowNs()
    const at = (ms: number): number => startNs + ms * MS
    const { published, unheard, first, last } = await new Publisher(plan(targets)).publish({
      canaries: { span: { startNs, endNs: at(40) }, channels: Uint32Array.of(0, 2) },
      costs: {
        heating: { span: { startNs, endNs: at(30) }, events: 6 },
        idle: { startNs: at(40), endNs: at(50) },
        ingest: { startNs: at(50), endNs: at(100) },
      },
      loadFromNs: at(100),
      window: { startNs: at(120), endNs: at(220) },
    })
    // 200 events a second: 10 that nobody hears beside the first ones, 4 of the warm-up, 20 of the window.
    assert.deepEqual([published, unheard], [20, 10])
    const channels = inboxes.map(({ marks }) => marks.map(({ channel }) => channel))
    // Nobody's channels are 4 on the one instance and 5 on the other.
    assert.deepEqual(
      channels.map((of) => of.filter((channel) => channel >= 4)),
      [new Array(8).fill(4), new Array(8).fill(5)],
    )
    // Channels 0 and 2 had a canary and one event of the warm-up before the window.
    assert.deepEqual([first.length, last.length], [4, 4])
    assert.deepEqual(first, Uint32Array.of(3, 2, 3, 2))
  })

  it('sends an event to the one instance that its channel enters', async (context) => {
    const inboxes = [new Inbox(context, 202), new Inbox(context, 202)]
    const targets = await Promise.all(inboxes.map((inbox) => inbox.open()))
    const workload = { clients: 5, channels: 4, instances: 2, run: 1 }
    const [reported] = publish(new Publisher(plan(targets, { workload })), 200)
    const { published, due, accepted } = await reported
    assert.equal(published, 40)
    assert.deepEqual([due, accepted], [40, 40])
    assert.deepEqual(
      inboxes.map(({ marks }) => [...new Set(marks.map(({ channel }) => channel))].sort()),
      [
        [0, 1],
        [2, 3],
      ],
    )
  })

  it('weighs what is late by the clients that wait for it', async (context) => {
    const inbox = new Inbox(context, 202)
    const workload = { clients: 10, channels: 2, instances: 1, run: 77 }
    const target = await inbox.open()
    // Five clients each; then channel 0 has all but one.
    for (const clients of [10, 3]) {
      const publisher = new Publisher(
        plan([target], { workload: { ...workload, clients }, rate: 1 }),
      )
      // All is over when it begins: one event of each channel, sent at once and half a second apart.
      const startNs = nowNs() - 1200 * MS
      inbox.marks.length = 0
      const { slipMeanUs, slipMaxUs } = await publisher.publish(
        loadAlone(startNs, { startNs, endNs: startNs + 1000 * MS }),
      )
      const [first, second] = inbox.marks
      assert.ok(first && second && inbox.marks.length === 2)
      const apartUs = (second.intendedAtNs - first.intendedAtNs) / 1000
      assert.ok(Math.abs(apartUs - 500_000) <= 1)
      const share = audience({ ...workload, clients }, second.channel) / clients
      const expectedUs = (slipMaxUs ?? 0) - share * apartUs
      // The maximum is told to three digits.
      assert.ok(Math.abs((slipMeanUs ?? 0) - expectedUs) < 10_000, `${slipMeanUs}`)
    }
  })

  it('counts as dropped what is refused', async (context) => {
    const inbox = new Inbox(context, 503)
    const [reported] = publish(new Publisher(plan([await inbox.open()])), 200)
    const { due, accepted, dropped, refusals } = await reported
    assert.deepEqual([due, accepted, dropped], [40, 0, 40])
    assert.deepEqual(refusals, { 'http-503': 40 })
  })

  it('counts as dropped what nobody is there to take', async (context) => {
    const inbox = new Inbox(context, 202)
    const target = await inbox.open()
    const nobody = { ...target, port: 1 }
    const [reported] = publish(new Publisher(plan([nobody])), 100)
    const { due, accepted, dropped, refusals } = await reported
    assert.deepEqual([due, accepted, dropped], [20, 0, 20])
    assert.deepEqual(refusals, { ECONNREFUSED: 20 })
  })

  it('gathers events for a server that stands still, and loses none', async (context) => {
    const inbox = new Inbox(context, 202)
    inbox.until = sleep(500)
    const publisher = new Publisher(plan([await inbox.open()], { rate: 50 }))
    const [reported] = publish(publisher, 700)
    await sleep(450)
    const before = inbox.requests
    const { due, accepted, dropped, last } = await reported
    assert.deepEqual([due, accepted, dropped], [140, 140, 0])
    assert.deepEqual(last, Uint32Array.of(40, 40, 40, 40))
    // An event each 5 ms is due alone, 90 of them while it stands still.
    assert.ok(before <= 32 && inbox.marks.length === 160, `${before} requests`)
    for (const [index, { channel, sequence }] of inbox.marks.entries()) {
      const earlier = inbox.marks.slice(0, index).filter((mark) => mark.channel === channel)
      assert.equal(sequence, earlier.length + 1)
    }
  })

  it('sends nothing twice when its connection is cut', async (context) => {
    const inbox = new Inbox(context, null)
    const publisher = new Publisher(plan([await inbox.open()]))
    const [reported] = publish(publisher, 400)
    const cutter = setInterval(() => inbox.cut(), 90)
    context.after(() => clearInterval(cutter))
    await sleep(600)
    publisher.finish()
    const { due, accepted, dropped, unknown } = await reported
    const sent = inbox.marks.map(({ channel, sequence }) => `${channel}.${sequence}`)
    assert.ok(inbox.cuts >= 2 && sent.length > 20, `${inbox.cuts} cuts, ${sent.length} sent`)
    assert.equal(new Set(sent).size, sent.length)
    assert.deepEqual([due, accepted, dropped, unknown], [80, 0, 0, 80])
  })

  it('ends when told to, with what it has sent, and does not wait long for answers', async (context) => {
    const inbox = new Inbox(context, null)
    const publisher = new Publisher(plan([await inbox.open()], { rate: 100 }))
    const [reported] = publish(publisher, 60_000)
    await sleep(400)
    const toldAtNs = nowNs()
    publisher.finish()
    const { published, due, accepted, dropped, unknown, refusals, last } = await reported
    assert.ok(nowNs() - toldAtNs < 3e9, 'it waited for the whole patience')
    // Of 24,000 in the whole window.
    assert.ok(published > 0 && published < 6_000, `${published} published`)
    assert.equal(due, published)
    assert.deepEqual([accepted, dropped, unknown], [0, 0, due])
    assert.deepEqual(refusals, { unanswered: due })
    assert.equal(
      last.reduce((sum, sequence) => sum + sequence, 0),
      inbox.marks.length,
    )
  })

  it('adds nothing to a window that was over before it was told to end', async (context) => {
    const inbox = new Inbox(context, 202)
    const publisher = new Publisher(plan([await inbox.open()]))
    const [reported, window] = publish(publisher, 200)
    // Nothing else runs until then: its own wake-up is late.
    while (nowNs() < window.endNs + 50 * MS);
    publisher.finish()
    const { due, published } = await reported
    assert.deepEqual([due, published], [40, 40])
  })

  it('has nothing to report when it ends in the warm-up', async (context) => {
    const inbox = new Inbox(context, 202)
    const publisher = new Publisher(plan([await inbox.open()]))
    const [reported] = publish(publisher, 60_000)
    publisher.finish()
    const { published, due, first, slipMeanUs } = await reported
    assert.deepEqual([published, due, slipMeanUs], [0, 0, null])
    assert.ok(first.every((sequence) => sequence === 0))
  })
})
