import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Check } from '../report/check.ts'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { type Attempt, confirmed, withRegressionRetries } from './retry.ts'

const JUDGING = { deterministicOnly: true, thresholdShare: 0.1 }
const NEVER = new AbortController().signal

type Changes = Partial<Record<'long-poll' | 'websocket', Partial<Run>>>

function result(changes: Changes = {}): Result {
  const { scenario } = sampleResult()
  const transports = ['long-poll', 'websocket'] as const
  return sampleResult({
    scenario: { ...scenario, transports: [...transports] },
    runs: transports.map((name) => sampleRun(name, changes[name])),
  })
}

const BASELINE = result()
const { wire, exchanges, delivery } = sampleRun('long-poll')
const perDay = exchanges.requestsPerClientPerDay ?? 0
const HEAVIER = { wire: { ...wire, bytesPerDelivery: 500 } }
const BUSIER = { exchanges: { ...exchanges, requestsPerClientPerDay: 2 * perDay } }
const LOSSY = { delivery: { ...delivery, delivered: 999, lost: 1, reach: 0.999 } }

function take(candidate: Result | null, others: Partial<Attempt> = {}): Attempt {
  return { candidate, baseline: BASELINE, against: null, failure: null, ...others }
}

/** What is made of measurements that come one after the other. */
async function looked(attempts: readonly Attempt[], { most = 3, judging = JUDGING } = {}) {
  const asked: (readonly string[])[] = []
  const [first = take(null), ...rest] = attempts
  const measured = await withRegressionRetries(first, {
    most,
    judging,
    signal: NEVER,
    again: async (transports) => {
      asked.push(transports)
      return rest[asked.length - 1] ?? take(null)
    },
  })
  const checks = confirmed(measured.judged)
  const told = checks.filter(({ verdict }) => ['regressed', 'not confirmed'].includes(verdict))
  return { asked, measured, told: told.map(({ name, verdict }) => `${name}: ${verdict}`), checks }
}

test('what is as it was is measured once', async () => {
  const { asked, measured } = await looked([take(result())])
  assert.deepEqual([asked, measured.attempts.length, measured.judged.length], [[], 1, 1])
})

test('a metric that regresses each time regressed, and its transport alone is measured again', async () => {
  const heavier = take(result({ 'long-poll': HEAVIER }))
  const { asked, told } = await looked([heavier, heavier, heavier])
  assert.deepEqual(asked, [['long-poll'], ['long-poll']])
  assert.deepEqual(told, ['Bytes per delivery: regressed'])
  const { asked: once } = await looked([heavier, heavier, heavier], { most: 2 })
  assert.equal(once.length, 1)
})

test('what does not regress again is not confirmed, and is told', async () => {
  const { asked, told, checks } = await looked([
    take(result({ 'long-poll': HEAVIER })),
    take(result()),
  ])
  assert.equal(asked.length, 1)
  assert.deepEqual(told, ['Bytes per delivery: not confirmed'])
  const found = checks.filter(isBytes)
  assert.deepEqual(
    found.map(({ outcome, transport }) => [outcome, transport]),
    [
      ['passed', 'WebSocket'],
      ['skipped', 'Long polling'],
    ],
  )
  assert.match(found[1]?.message ?? '', /^regressed in 1 of 2 measurements: 388 B → 500 B \(\+28/)
})

test('another metric, or the same of another transport, confirms nothing', async () => {
  const metrics = await looked([
    take(result({ 'long-poll': HEAVIER })),
    take(result({ 'long-poll': BUSIER })),
  ])
  assert.equal(metrics.asked.length, 1)
  assert.deepEqual(metrics.told, [
    'Bytes per delivery: not confirmed',
    'Requests per client and day: not confirmed',
  ])
  const transports = await looked([
    take(result({ 'long-poll': HEAVIER, websocket: HEAVIER })),
    take(result({ 'long-poll': HEAVIER })),
    take(result({ websocket: HEAVIER })),
  ])
  assert.deepEqual(transports.asked, [['long-poll', 'websocket'], ['long-poll']])
  assert.deepEqual(
    transports.checks
      .filter(isBytes)
      .map(({ transport, message }) => [transport, message.slice(0, 32)]),
    [
      ['Long polling', 'regressed in 2 of 3 measurements'],
      // It was measured twice only.
      ['WebSocket', 'regressed in 1 of 2 measurements'],
    ],
  )
})

test('a loss is enough, at first and in a second look', async () => {
  const lossy = { 'long-poll': { ...HEAVIER, ...LOSSY } }
  const first = await looked([take(result(lossy)), take(result())])
  assert.deepEqual(
    [first.asked, first.told],
    [[], ['Lost: regressed', 'Bytes per delivery: regressed']],
  )
  const later = await looked([take(result({ 'long-poll': HEAVIER })), take(result(lossy))])
  assert.deepEqual(later.told, ['Lost: regressed', 'Bytes per delivery: regressed'])
})

test('more faults than a baseline that has some may be chance, until it has none', async () => {
  const losing = (lost: number): Changes => ({
    'long-poll': { delivery: { ...delivery, lost, delivered: 1_000 - lost } },
  })
  const some = { baseline: result(losing(1)) }
  const chance = await looked([take(result(losing(20)), some), take(result(losing(1)), some)])
  assert.deepEqual(chance.told, ['Lost: not confirmed'])
  // Both sides are measured again.
  const none = { baseline: result(), against: 'main' }
  const sure = await looked([
    take(result({ 'long-poll': { ...losing(20)['long-poll'] }, websocket: HEAVIER }), {
      ...some,
      against: 'main',
    }),
    take(result(losing(2)), none),
  ])
  assert.ok(sure.told.includes('Lost: regressed'), sure.told.join())
})

test('of a pair both sides are measured again, and the other transports stay', async () => {
  const before = take(result({ 'long-poll': HEAVIER }), { against: 'main' })
  const again = sampleResult({ runs: [sampleRun('long-poll', { repetition: 7 })] })
  const after = take(again, { against: 'main', baseline: again })
  const { measured } = await looked([before, after])
  for (const side of [measured.candidate, measured.baseline]) {
    assert.deepEqual(
      side?.runs.map(({ transport, repetition }) => [transport, repetition]),
      [
        ['long-poll', 7],
        ['websocket', 1],
      ],
    )
  }
})

const SLIP = {
  code: 'slip',
  severity: 'invalid' as const,
  message: 'slip',
  value: 1,
  limit: 0,
}
const INVALID: Partial<Run> = { validity: { verdict: 'invalid', reasons: [SLIP] } }

test('a look that cannot tell clears nothing, and is not counted', async () => {
  const judging = { deterministicOnly: false, thresholdShare: 0.1 }
  const heavier = take(result({ 'long-poll': HEAVIER }))
  const invalid = take(result({ 'long-poll': INVALID }))
  const { asked, told, checks } = await looked([heavier, invalid], { judging })
  assert.equal(asked.length, 1)
  assert.deepEqual(told, ['Bytes per delivery: regressed'])
  const [bytes] = checks.filter(({ verdict }) => verdict === 'regressed')
  assert.equal(bytes?.outcome, 'failed')
  assert.match(bytes?.message ?? '', /^388 B → 500 B/)
  assert.equal(checks.filter(isBytes).length, 2)
})

test('too few runs for a time clear nothing, and enough of them do', async () => {
  const judging = { deterministicOnly: false, thresholdShare: 0.1 }
  const { latency } = sampleRun('long-poll')
  const times = (factor: number, { invalid = 0, spreadUs = 1 } = {}): Result => {
    const { scenario } = sampleResult()
    const runs = [1, 2, 3, 4, 5, 6].map((repetition) =>
      sampleRun('long-poll', {
        repetition,
        latency: { ...latency, p50Us: 1_000 * factor + repetition * spreadUs },
        ...(repetition <= invalid ? INVALID : {}),
      }),
    )
    return sampleResult({
      scenario: { ...scenario, transports: ['long-poll'], repeat: runs.length },
      runs,
    })
  }
  const of = (candidate: Result): Attempt => take(candidate, { baseline: times(1) })
  const few = await looked([of(times(9)), of(times(1, { invalid: 2 }))], { judging })
  assert.deepEqual(few.told, ['Push latency p50: regressed'])
  const p50 = few.checks.filter(({ name }) => name === 'Push latency p50')
  assert.deepEqual(
    p50.map(({ outcome }) => outcome),
    ['failed'],
  )
  const enough = await looked([of(times(9)), of(times(1, { invalid: 1 }))], { judging })
  assert.deepEqual(enough.told, ['Push latency p50: not confirmed'])
  // Too unlike each other to say what they are, they do not regress as the first ones did.
  const unlike = await looked([of(times(9)), of(times(0.1, { spreadUs: 400 }))], { judging })
  assert.deepEqual(unlike.told, ['Push latency p50: not confirmed'])
})

test('a second look that is stopped or fails leaves the first one, and is kept', async () => {
  const heavier = take(result({ 'long-poll': HEAVIER }))
  const failure = new Error('no server')
  for (const second of [take(null, { failure }), take(result(), { failure })]) {
    const { told, measured } = await looked([heavier, second])
    assert.deepEqual(told, ['Bytes per delivery: regressed'])
    assert.equal(measured.failure, failure)
    assert.equal(measured.candidate, heavier.candidate)
    assert.deepEqual(measured.attempts, [heavier, second])
  }
  const stop = new AbortController()
  const second = take(result())
  const stopped = await withRegressionRetries(heavier, {
    most: 3,
    judging: JUDGING,
    signal: stop.signal,
    again: async () => {
      stop.abort()
      return second
    },
  })
  assert.equal(stopped.candidate, heavier.candidate)
  assert.deepEqual([stopped.attempts, stopped.judged.length], [[heavier, second], 1])
})

function isBytes({ name }: Check): boolean {
  return name === 'Bytes per delivery'
}

test('the next look is judged by its own minute, and not by that of the other techniques', async () => {
  const judging = { deterministicOnly: false, thresholdShare: 0.1 }
  const calm = take(repeated({}), { baseline: repeated({}) })
  const slower = (pace: number): Attempt => ({
    ...calm,
    candidate: repeated({ 'long-poll': { latency: 1.25, echo: pace } }),
  })
  // The first says that it was the server. In the second the machine was as slow as that.
  const { asked, told } = await looked([slower(1), slower(1.25)], { judging })
  assert.deepEqual(asked, [['long-poll']])
  assert.deepEqual(told, ['Push latency p50: not confirmed'])
})

/** Six runs of either technique; a technique's figures may be those of a slower server, or minute. */
function repeated(
  paces: Partial<Record<'long-poll' | 'websocket', { latency: number; echo: number }>>,
): Result {
  const { scenario } = sampleResult()
  const transports = ['long-poll', 'websocket'] as const
  const runs = transports.flatMap((name) =>
    Array.from({ length: 6 }, (_, index): Run => {
      const run = sampleRun(name)
      const by = 1 + index / 100
      const { latency, echo } = paces[name] ?? { latency: 1, echo: 1 }
      return {
        ...run,
        repetition: index + 1,
        startedAt: new Date(1.8e12 + index * 1e3).toISOString(),
        latency: { ...run.latency, p50Us: 5_000 * by * latency },
        host: { ...run.host, echoUs: 4_000 * by * echo, echoCpuUs: 80 * by * echo },
      }
    }),
  )
  return sampleResult({ scenario: { ...scenario, transports: [...transports], repeat: 6 }, runs })
}
