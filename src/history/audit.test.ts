import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countViolations } from './audit.ts'
import {
  cleanHistory,
  judge,
  linesOf,
  PLANTS,
  planted,
  withoutGap,
} from './synthetic.conformance.ts'

test('of 1,000 clean histories none is found guilty, and all counts agree', () => {
  const seen = {
    replayed: 0,
    gaps: 0,
    excused: 0,
    inGaps: 0,
    notSubscribed: 0,
    undecided: 0,
    torn: 0,
    chats: 0,
    kept: 0,
  }
  for (let seed = 1; seed <= 1_000; seed++) {
    const verdict = judge(linesOf(cleanHistory(seed), seed))
    assert.deepEqual(verdict.examples, [], `seed ${seed}`)
    assert.equal(countViolations(verdict), 0)
    assert.deepEqual(verdict.disagreements ?? [], [], `seed ${seed}`)
    assert.equal(
      verdict.owed,
      verdict.kept + verdict.inGaps + verdict.notSubscribed + verdict.undecided,
    )
    for (const key of [
      'replayed',
      'gaps',
      'excused',
      'inGaps',
      'notSubscribed',
      'undecided',
      'kept',
    ] as const)
      seen[key] += verdict[key]
    if (!verdict.isWhole) seen.torn++
    if (verdict.run.workload === 'chat') seen.chats++
  }
  // They have what could be taken for a violation.
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what} ${count}`)
})

for (const name of Object.keys(PLANTS)) {
  test(`found and named in 100 histories: ${name}`, () => {
    for (let seed = 1; seed <= 100; seed++) {
      const { history, kind, client, sequence } = planted(name, seed)
      const verdict = judge(linesOf(history, seed))
      const found = verdict.examples.map((one) => [one.kind, one.client, one.sequence])
      assert.deepEqual(found, [[kind, client, sequence]], `seed ${seed}`)
      assert.equal(verdict.violations[kind], 1)
      assert.equal(countViolations(verdict), 1)
      assert.deepEqual(verdict.disagreements ?? [], [], `seed ${seed}`)
    }
  })
}

test('what lay in a gap is lost where nobody declared it, and nothing else is', () => {
  let found = 0
  for (let seed = 1; seed <= 300; seed++) {
    const history = cleanHistory(seed)
    const without = withoutGap(history)
    if (without === null) continue
    const before = judge(linesOf(history, seed))
    const after = judge(linesOf(without, seed))
    assert.equal(countViolations(after), after.violations.lost)
    const undecided = after.undecided - before.undecided
    assert.equal(after.violations.lost + undecided, before.inGaps - after.inGaps, `seed ${seed}`)
    found += after.violations.lost
  }
  assert.ok(found > 30, String(found))
})

test('a run that counted otherwise is told of', () => {
  const history = cleanHistory(1)
  assert.notEqual(history.end, null)
  const lines = linesOf(history, 1)
  const end = JSON.parse(lines.at(-1) ?? '')
  const counts = { ...end.counts, missing: end.counts.missing + 2 }
  const verdict = judge([...lines.slice(0, -1), JSON.stringify({ ...end, counts })])
  assert.deepEqual(verdict.disagreements, [
    { figure: 'missing', run: counts.missing, history: end.counts.missing },
  ])
})

/** Lines by hand: a run with one window from 0 on, and its end. */
function byHand(...records: readonly object[]): readonly string[] {
  const head = {
    ...{ is: 'run', history: 1, rtbench: '0', transport: 'sse', repetition: 1, clients: 1 },
    ...{ channels: 1, instances: 1, workload: 'events', seed: 1, disrupted: false, startedAt: '' },
  }
  const end = { is: 'end', atUs: 999, complete: true, drained: true, counts: null }
  return [head, { is: 'window', fromUs: 0, toUs: 999 }, ...records, end].map((record) =>
    JSON.stringify(record),
  )
}

const publish = (sequence: number, intendedUs: number, fate = 'acknowledged'): object => ({
  ...{ is: 'publish', channel: 0, sequence, intendedUs, sentUs: intendedUs },
  ...{ settledUs: intendedUs + 5, fate, by: 0 },
})
const subscribed = (atUs: number): object => ({ is: 'subscribed', client: 0, channel: 0, atUs })
const open = (atUs: number, cursor?: string): object => ({ is: 'open', client: 0, atUs, cursor })
const lost = (atUs: number): object => ({ is: 'lost', client: 0, atUs, cause: 'closed' })
const gap = (atUs: number): object => ({ is: 'gap', client: 0, atUs })
const left = (subscribed = true): object => ({ is: 'left', client: 0, atUs: 900, subscribed })
const delivery = (sequence: number, atUs: number, replay = false): object => ({
  ...{ is: 'delivery', client: 0, channel: 0, sequence, atUs, replay },
})

const CASES: readonly (readonly [string, readonly object[], object])[] = [
  [
    'what was due before a client was subscribed is not owed to it',
    [publish(1, 5), subscribed(10), left()],
    { owed: 0 },
  ],
  [
    'what was refused, or of which nobody knows, is not owed, and may come',
    [publish(1, 20, 'refused'), publish(2, 30, 'unknown'), subscribed(10), delivery(2, 40), left()],
    { owed: 0, deliveries: 1 },
  ],
  [
    'what comes to a client that was never subscribed is not owed, and no fault',
    [publish(1, 20), delivery(1, 21), left(false)],
    { owed: 0, deliveries: 1 },
  ],
  [
    'the last event is owed to who stays to the end',
    [publish(1, 20), subscribed(10), left()],
    { owed: 1, violations: { lost: 1 } },
  ],
  [
    'it is not to be decided of who is away at the end',
    [publish(1, 20), subscribed(10), lost(25), left(false)],
    { owed: 1, undecided: 1 },
  ],
  [
    'what was skipped before the cut is lost, whoever is away at the end',
    [publish(1, 20), publish(2, 21), subscribed(10), delivery(2, 22), lost(25), left(false)],
    { owed: 2, kept: 1, violations: { lost: 1 } },
  ],
  [
    'who comes back with a cursor is owed what came meanwhile',
    [
      ...[publish(1, 20), publish(2, 30), open(5), subscribed(10), delivery(1, 21), lost(25)],
      ...[open(35, 'a'), subscribed(40), left()],
    ],
    { owed: 2, violations: { lost: 1 } },
  ],
  [
    'and who comes back without one is not',
    [
      ...[publish(1, 20), publish(2, 30), open(5), subscribed(10), delivery(1, 21), lost(25)],
      ...[open(35), subscribed(40), left()],
    ],
    { owed: 2, kept: 1, notSubscribed: 1 },
  ],
  [
    'a gap covers what was due before it was declared, and nothing after',
    [
      ...[publish(1, 20), publish(2, 30), publish(3, 50), publish(4, 60), subscribed(10)],
      ...[delivery(1, 21), gap(40), delivery(4, 61), left()],
    ],
    { owed: 4, kept: 2, inGaps: 1, violations: { lost: 1 } },
  ],
  [
    'a gap that was declared before, or after, covers nothing',
    [
      ...[publish(1, 20), publish(2, 30), publish(3, 40), subscribed(10), gap(15)],
      ...[delivery(1, 21), delivery(3, 41), gap(50), left()],
    ],
    { owed: 3, violations: { lost: 1 } },
  ],
  [
    'what comes again after a cursor is a duplicate, replay or not',
    [
      ...[publish(1, 20), open(5), subscribed(10), delivery(1, 21), lost(25)],
      ...[open(35, 'a'), subscribed(40), delivery(1, 41, true), left()],
    ],
    { violations: { duplicate: 1 } },
  ],
  [
    'without a cursor it is a declared replay, once the client is back',
    [
      ...[publish(1, 20), open(5), subscribed(10), delivery(1, 21), lost(25)],
      ...[open(35), subscribed(40), delivery(1, 41, true), left()],
    ],
    { excused: 1 },
  ],
  [
    'and out of it, it is none',
    [
      ...[publish(1, 20), open(5), subscribed(10), delivery(1, 21), lost(25)],
      ...[open(35), subscribed(40), delivery(1, 41), left()],
    ],
    { violations: { duplicate: 1 } },
  ],
]

for (const [title, records, wanted] of CASES) {
  test(`by hand: ${title}`, () => {
    const { violations: all, ...verdict } = judge(byHand(...records))
    const violations = Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
    assert.deepEqual(violations, 'violations' in wanted ? wanted.violations : {})
    const { violations: _, ...figures } = { violations: {}, ...wanted }
    assert.deepEqual({ ...verdict, ...figures }, verdict)
  })
}
