import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NS_PER_MS } from '../measure/clock.ts'
import { transportNamed } from '../transports/registry.ts'
import { Liveness, silenceOf } from './liveness.ts'

const STEP_MS = 50

/** A client that has a connection on which bytes come when the test says so. */
class Peer {
  heard: number | null = 0
  nudges = 0
  given = 0
  start(): void {}
  stop(): void {}
  nudge(): void {
    this.nudges++
  }
  giveUp(): void {
    this.given++
    this.heard = null
  }
}

function watched(count: number, silenceMs: number) {
  let nowMs = 0
  const peers = Array.from({ length: count }, () => new Peer())
  const liveness = new Liveness(peers, silenceMs, () => nowMs * NS_PER_MS)
  const pass = (ms: number, each: (nowMs: number) => void = () => {}): void => {
    for (const end = nowMs + ms; nowMs < end; ) {
      nowMs += STEP_MS
      each(nowMs)
      liveness.tick()
    }
  }
  return { peers, pass, skip: (ms: number) => (nowMs += ms), now: () => nowMs, liveness }
}

test('who is silent is given up, not before its time and soon after it', () => {
  const { peers, pass, now } = watched(1_000, 2_500)
  pass(1_000)
  const silentFromMs = now()
  const [silent] = peers
  const foundMs: number[] = []
  pass(4_000, (ms) => {
    for (const peer of peers) if (peer !== silent && ms % 1_000 === 0) peer.heard = ms
    if (silent?.given === 1 && foundMs.length === 0) foundMs.push(ms - silentFromMs)
  })
  assert.deepEqual(
    peers.filter((peer) => peer.given > 0),
    [silent],
  )
  // It had been silent from the start, 1 s before.
  const tookMs = (foundMs[0] ?? 0) + 1_000
  assert.ok(tookMs >= 2_500 && tookMs <= 3_000, `${tookMs} ms`)
})

test('who has deliveries is alive without a question to its socket, and found silent in time after the last one', () => {
  const { peers, pass, liveness, now } = watched(100, 2_500)
  const [busy] = peers as [Peer]
  // Its socket tells nothing new all the time.
  pass(10_000, () => liveness.delivered(0))
  assert.equal(busy.given, 0)
  const lastMs = now()
  let foundMs = 0
  pass(3_000, (ms) => {
    if (busy.given === 1 && foundMs === 0) foundMs = ms - lastMs
  })
  assert.ok(foundMs >= 2_500 && foundMs <= 3_000, `${foundMs} ms`)
})

test('before it is given up the server is asked for a sign of life, once in a silence', () => {
  const { peers, pass } = watched(3, 2_500)
  const [asked] = peers
  pass(10_000, (ms) => {
    for (const peer of peers) if (peer !== asked && ms % 1_000 === 0) peer.heard = ms
    if (asked !== undefined && asked.nudges > 0 && ms % 2_000 === 0) asked.heard = ms
  })
  assert.deepEqual(
    peers.map(({ given }) => given),
    [0, 0, 0],
  )
  assert.ok((asked?.nudges ?? 0) > 1)
  assert.deepEqual(
    peers.slice(1).map(({ nudges }) => nudges),
    [0, 0],
  )
})

test('who has no connection on which heartbeats are owed is silent for no time', () => {
  const { peers, pass } = watched(2, 1_000)
  for (const peer of peers) peer.heard = null
  pass(5_000)
  for (const peer of peers) peer.heard = 7
  pass(900)
  assert.deepEqual(
    peers.map(({ given }) => given),
    [0, 0],
  )
  pass(300)
  assert.deepEqual(
    peers.map(({ given }) => given),
    [1, 1],
  )
})

test('a process that stood still was deaf, and its servers were not silent', () => {
  const { peers, pass, skip, liveness } = watched(5, 2_000)
  pass(500)
  skip(60_000)
  liveness.tick()
  pass(500)
  assert.ok(peers.every(({ given }) => given === 0))
})

test('too long is 2.5 heartbeats of the reference server, or what a description says', () => {
  const limits = { heartbeatMs: 1_000, pingMs: 2_000 }
  const own = [{}]
  const silenceOfA = (name: string, targets: Parameters<typeof silenceOf>[1], told = true) =>
    silenceOf(transportNamed(name), targets, told ? limits : null)
  assert.deepEqual(
    ['sse', 'websocket', 'long-poll', 'short-poll'].map((name) => silenceOfA(name, own)),
    [2_500, 5_000, null, null],
  )
  // An older reference server does not tell.
  assert.equal(silenceOfA('sse', own, false), null)
  const described = { path: '/x', silence: 45_000 }
  assert.equal(silenceOfA('sse', [{ endpoint: described }]), 45_000)
  assert.equal(silenceOfA('sse', [{ endpoint: { path: '/x' } }]), null)
})
