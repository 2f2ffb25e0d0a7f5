/** What a transport delivers after its connection was cut. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { marked, span, until } from './session.conformance.ts'
import { reached, Stage, type StartServer, subscribed } from './stage.conformance.ts'
import type { Transport } from './transport.ts'

/** Bytes that a client still gets before a cut: within heads, within events, between them. */
const CUTS = [1, 17, 60, 130, 152, 175, 220, 300, 400, 555, 1_000]

export function resumeConformance(transport: Transport, start: StartServer): void {
  test('resumes after a cut with no loss and no duplicate', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    for (const round of span(0, 4)) {
      const { length } = session.cuts
      await stage.server.publish('news', marked(4 * round + 1))
      await reached(session, 4 * round + 1)
      await stage.whileCut(async () => {
        await stage.server.publish('news', marked(4 * round + 2), marked(4 * round + 3))
        await until(() => session.cuts.length > length, 'a cut')
      })
      await stage.server.publish('news', marked(4 * round + 4))
      await reached(session, 4 * round + 4)
    }
    assert.deepEqual(session.sequences, span(1, 20))
    assert.equal(session.gaps, 0)
    await subscribed(session, 6)
  })

  test('resumes where it was cut before its first event', async (context) => {
    const stage = await Stage.open(context, transport, start)
    await stage.server.publish('news', 'before')
    const session = await stage.joined()
    await until(() => stage.proxy.bytesToClients === session.reader.bytesReceived, 'all read')
    await stage.whileCut(() => stage.server.publish('news', marked(1), marked(2)))
    await reached(session, 2)
    assert.deepEqual(session.sequences, [1, 2])
    assert.equal(session.gaps, 0)
  })

  for (const bytes of CUTS) {
    test(`resumes when cut after ${bytes} bytes`, async (context) => {
      const stage = await Stage.open(context, transport, start)
      const session = await stage.joined()
      await until(() => stage.proxy.bytesToClients === session.reader.bytesReceived, 'all read')
      stage.proxy.cutAfter(bytes)
      for (const sequence of span(1, 20)) await stage.server.publish('news', marked(sequence))
      // Of HTTP/2 it may lie between two answers, and is the loss of nothing.
      const isCut = (): boolean => session.cuts.length > 0 || stage.proxy.taken > 1
      await until(isCut, 'the cut')
      await stage.server.publish('news', marked(21))
      await reached(session, 21)
      assert.deepEqual(session.sequences, span(1, 21))
      assert.equal(session.gaps, 0)
    })
  }

  test('misses nothing though cut again and again', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    for (const sequence of span(1, 60)) {
      await stage.server.publish('news', marked(sequence))
      if (sequence % 5 === 0) stage.proxy.cut()
      await sleep(3)
    }
    await stage.server.publish('news', marked(61))
    await reached(session, 61)
    assert.deepEqual(session.sequences, span(1, 61))
    // A library may replace a connection that was cut between two requests without a word.
    assert(stage.proxy.taken > 3)
  })

  test('is told of a gap when the log has lost what it missed', async (context) => {
    const stage = await Stage.open(context, transport, start, { logSize: 4 })
    const session = await stage.joined()
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    await stage.whileCut(() =>
      stage.server.publish('news', ...span(2, 8).map((sequence) => marked(sequence))),
    )
    await reached(session, 8)
    assert.deepEqual(session.sequences, [1, 5, 6, 7, 8])
    assert.equal(session.gaps, 1)
  })

  test('is told of no gap when the log has lost what others missed', async (context) => {
    const stage = await Stage.open(context, transport, start, { logSize: 4 })
    const session = await stage.joined()
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    await stage.whileCut(async () => {
      await stage.server.publish('other', ...span(1, 8).map((sequence) => marked(sequence)))
      await stage.server.publish('news', marked(2))
    })
    await reached(session, 2)
    assert.deepEqual(session.sequences, [1, 2])
    assert.equal(session.gaps, 0)
  })

  test('is told once of a gap when the server began anew', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    await stage.whileCut(() => stage.restart())
    await until(() => session.gaps > 0, 'the gap')
    await subscribed(session, 2)

    // It goes on from where the new server is: a further cut loses nothing.
    await stage.whileCut(() => stage.server.publish('news', marked(2)))
    await reached(session, 2)
    await stage.whileCut(() => stage.server.publish('news', marked(3)))
    await reached(session, 3)
    assert.deepEqual(session.sequences, [1, 2, 3])
    assert.equal(session.gaps, 1)
  })

  test('gets what a server that began anew has, with the gap', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    await stage.whileCut(async () => {
      await stage.restart()
      await stage.server.publish('news', marked(2), marked(3))
    })
    await reached(session, 3)
    assert.deepEqual(session.sequences, [2, 3])
    assert.equal(session.gaps, 1)
  })

  test('comes back after the server drained', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    await stage.restart()
    // To a poller between two requests it is no cut.
    await subscribed(session, 2)
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    assert.deepEqual(session.sequences, [1])
  })

  test('resumes with more than a connection may buffer', async (context) => {
    const stage = await Stage.open(context, transport, start, {
      limits: { maxBufferedBytes: 64 * 1024 },
    })
    const session = await stage.joined()
    const data = span(1, 120).map((sequence) => marked(sequence, 'x'.repeat(60 * 1024)))
    await stage.whileCut(async () => {
      // Who is not known to be gone yet is slow.
      const isGone = async (): Promise<boolean> =>
        (await stage.server.account(transport.name)).held === 0
      await until(isGone, 'the loss of the connection')
      for (const at of [0, 40, 80]) await stage.server.publish('news', ...data.slice(at, at + 40))
    })
    await reached(session, 120)
    assert.deepEqual(session.sequences, span(1, 120))
    assert.equal((await stage.server.account(transport.name)).slowConsumers, 0)
  })
}
