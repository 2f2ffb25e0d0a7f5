import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NS_PER_MS } from '../../measure/clock.ts'
import { type Random, seededRandom } from '../../measure/random.ts'
import type { Run } from '../../result/document.ts'
import { theoreticalEmptyRatio } from '../../result/empty-theory.ts'
import { sampleRun } from '../../result/sample.conformance.ts'
import { PACE, RecordingSession } from '../session.conformance.ts'
import type { Pace } from '../transport.ts'
import { Holds, residualBeforeMs, residualHoldMs } from './holds.ts'

const CLIENTS = 20_000
const CALM_MS = 300
const POLLED: Run = sampleRun('long-poll')

interface Course {
  readonly rate: number
  readonly arrivals?: 'poisson' | 'constant'
  readonly holdMs: number
  readonly warmupMs?: number
  readonly windowMs: number
  /** Over which clients connect. */
  readonly rampUpMs?: number
  /** How far off its end is thought to be, relative to what is left of it. */
  readonly misjudged?: number
  /** Of the warm-up, in which clients may ask once more. */
  readonly settling?: number
  /** Each channel has an event before the workload begins. */
  readonly canary?: boolean
}

type Held = Pick<Holds, 'start' | 'nextHoldMs' | 'delivered'>

/** A session whose clock is set by hand. */
class Timed extends RecordingSession {
  nowMs = 0
  readonly draw: Random

  constructor(pace: Pace, draw: Random) {
    super('news', pace, { nowNs: () => this.nowMs * NS_PER_MS, set: () => {} })
    this.draw = draw
  }

  override random(): number {
    return this.draw()
  }
}

/** Answers in the window, and the share of them without an event, of clients that are each held so. */
function simulate(
  course: Course,
  holdsOf: (session: Timed) => Held,
): [ratio: number, answers: number] {
  const { rate, arrivals = 'poisson', holdMs, windowMs, warmupMs = 2_000, rampUpMs = 0 } = course
  const random = seededRandom(3, 0)
  const pace = { ...PACE, rate, holdMs }
  const beginMs = rampUpMs + CALM_MS
  const startMs = beginMs + warmupMs
  let empty = 0
  let answers = 0
  // One after the other, so that one session serves them all.
  const session = new Timed(pace, random)
  session.settlingMs = (course.settling ?? 0) * warmupMs
  for (let client = 0; client < CLIENTS; client++) {
    const holds = holdsOf(session)
    session.nowMs = (client / CLIENTS) * rampUpMs
    session.eventsFromNs = 0
    const gapMs = (): number =>
      arrivals === 'poisson' ? (-Math.log(1 - random()) * 1_000) / rate : 1_000 / rate
    const firstMs = arrivals === 'poisson' ? gapMs() : random() * gapMs()
    if (arrivals === 'constant') session.firstEventMs = firstMs
    let eventMs = beginMs + firstMs
    let canaryMs = course.canary === true ? beginMs - CALM_MS / 2 : Number.POSITIVE_INFINITY
    holds.start()
    while (session.nowMs < startMs + windowMs) {
      const { nowMs } = session
      const isKnown = nowMs >= rampUpMs
      const errorMs = isKnown ? 0 : (rampUpMs - nowMs) * (course.misjudged ?? 0)
      session.eventsFromNs = (beginMs + errorMs) * NS_PER_MS
      const overMs = nowMs + holds.nextHoldMs()
      const nextMs = Math.min(canaryMs, eventMs)
      const isEmpty = overMs < nextMs
      session.nowMs = isEmpty ? overMs : nextMs
      if (!isEmpty) {
        session.eventsFromNs = beginMs * NS_PER_MS
        holds.delivered()
        if (nextMs === canaryMs) canaryMs = Number.POSITIVE_INFINITY
        else eventMs += gapMs()
      }
      if (session.nowMs < startMs || session.nowMs >= startMs + windowMs) continue
      answers++
      if (isEmpty) empty++
    }
  }
  return [empty / answers, answers]
}

function theoryOf({ rate, holdMs, arrivals = 'poisson' }: Course): number {
  return theoreticalEmptyRatio({ rate, arrivals, holdMs, intervalMs: 0 }, POLLED) ?? Number.NaN
}

/** How far the share of empty answers is off theory, beyond what chance explains. */
function offTheory(course: Course, holdsOf = (session: Timed): Held => new Holds(session)): number {
  const theory = theoryOf(course)
  const [found, answers] = simulate(course, holdsOf)
  const chance = 4 * Math.sqrt((theory * (1 - theory)) / answers)
  return Math.max(0, Math.abs(found - theory) - chance)
}

const HOLD = { holdMs: 30_000 }
const RATES = [0.01, 0.03, 0.1, 0.3, 1]
const WINDOWS_MS = [1_000, 10_000, 30_000, 45_000]

describe('the holds of a crowd', () => {
  it('have the empty answers of theory in any window, at any rate', () => {
    for (const rate of RATES) {
      for (const windowMs of WINDOWS_MS) {
        for (const settling of [0, 0.6]) {
          const off = offTheory({ ...HOLD, rate, windowMs, settling })
          assert.equal(off, 0, `rate ${rate}, window ${windowMs}, settling ${settling}`)
        }
      }
    }
  })

  it('have them after a warm-up of any length', () => {
    for (const warmupMs of [0, 300, 10_000, 40_000]) {
      const off = offTheory({ ...HOLD, rate: 0.03, windowMs: 5_000, warmupMs })
      assert.equal(off, 0, `warm-up ${warmupMs}`)
    }
  })

  it('have them after a ramp-up of any length, with an event before the workload or without', () => {
    for (const rampUpMs of [500, 10_000, 100_000]) {
      for (const canary of [false, true]) {
        for (const rate of [0.01, 0.1]) {
          const off = offTheory({ ...HOLD, rate, windowMs: 10_000, rampUpMs, canary })
          assert.equal(off, 0, `rate ${rate}, ramp-up ${rampUpMs}, canary ${canary}`)
        }
      }
    }
  })

  it('are within a point of it where the end of the ramp-up was misjudged by a fifth', () => {
    for (const misjudged of [-0.2, 0.2]) {
      for (const rate of RATES) {
        const course = { ...HOLD, rate, windowMs: 10_000, rampUpMs: 5_000, misjudged }
        const off = offTheory(course)
        assert.ok(off < 0.01, `rate ${rate}: ${off} off`)
      }
    }
  })

  it('have them all the same where clients may ask once more', () => {
    for (const misjudged of [-0.9, -0.2, 0.1]) {
      for (const rate of RATES) {
        for (const canary of [false, true]) {
          const course = { ...HOLD, rate, windowMs: 10_000, rampUpMs: 5_000, settling: 0.6, canary }
          const off = offTheory({ ...course, misjudged })
          assert.equal(off, 0, `rate ${rate}, misjudged ${misjudged}, canary ${canary}`)
        }
      }
    }
  })

  it('have them where events come evenly', () => {
    for (const rate of [0.01, 0.02, 1 / 31, 1 / 35, 1 / 55, 0.05, 1]) {
      for (const windowMs of WINDOWS_MS) {
        const off = offTheory({ ...HOLD, rate, arrivals: 'constant', windowMs })
        assert.equal(off, 0, `rate ${rate}, window ${windowMs}`)
      }
    }
  })

  it('that begin together, or evenly spread, contradict theory', () => {
    const course = { ...HOLD, rate: 0.1, windowMs: 10_000 }
    const whole = (): Held => ({ start() {}, nextHoldMs: () => 30_000, delivered() {} })
    assert.equal(simulate(course, whole)[0], 0)
    assert.ok(offTheory(course, whole) > 0.03)
    // Uniform is the law of no events: here three are to be expected in a hold.
    const evenly = (session: Timed): Held =>
      new Holds(Object.create(session, { pace: { value: { ...session.pace, rate: 0 } } }))
    assert.ok(offTheory(course, evenly) > 0.05)
  })
})

describe('what is left of a hold', () => {
  it('lies within the hold, and grows with the draw', () => {
    for (const rate of [0, 1e-12, 1e-6, 0.01, 0.1, 1, 1_000]) {
      const left = [0, 0.1, 0.5, 0.9, 1 - 2 ** -32].map((u) =>
        residualHoldMs(u, { rate, holdMs: 30_000 }),
      )
      assert.deepEqual(
        left,
        left.toSorted((a, b) => a - b),
      )
      assert.ok((left[0] ?? -1) >= 0 && (left.at(-1) ?? 1e9) <= 30_000, `${rate}: ${left}`)
    }
  })

  it('is uniform without events, and nearly so where they are rare', () => {
    for (const rate of [0, 1e-9]) {
      const left = residualHoldMs(0.25, { rate, holdMs: 1_000 })
      assert.ok(Math.abs(left - 250) < 0.001, `${left}`)
    }
  })

  it('of even arrivals is that of the last poll since the event before', () => {
    const pace = { rate: 0.01, holdMs: 30_000 }
    const left = [99_000, 71_000, 69_000, 11_000, 9_000].map((firstMs) =>
      residualBeforeMs(firstMs, pace),
    )
    assert.deepEqual(left, [29_000, 1_000, 29_000, 1_000, 29_000])
  })
})
