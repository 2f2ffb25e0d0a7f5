import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { judgingOf } from './judging.ts'

function assertUsage(flags: Parameters<typeof judgingOf>[0], line: RegExp): void {
  assert.throws(
    () => judgingOf(flags),
    (error: unknown) => {
      assert.ok(error instanceof RtbenchError && error.code === 'usage')
      assert.match(error.message, line)
      return true
    },
  )
}

test('without a flag all is judged that always is, by 10 %', () => {
  const usual = { thresholdShare: 0.1, judge: [], deterministicOnly: false }
  assert.deepEqual(judgingOf({}), usual)
  // What becomes of the exit code is no part of the verdict.
  assert.deepEqual(judgingOf({ allowInconclusive: true }), usual)
})

test('--min-change is a share with its sign', () => {
  assert.equal(judgingOf({ minChange: '5%' }).thresholdShare, 0.05)
  assert.equal(judgingOf({ minChange: '0.5%' }).thresholdShare, 0.005)
  for (const minChange of ['', '0', '0%', '-1%', 'x', '10 %', '0.1']) {
    assertUsage({ minChange }, /^--min-change: /)
  }
})

test('--only knows one kind', () => {
  assert.equal(judgingOf({ only: 'deterministic' }).deterministicOnly, true)
  assertUsage({ only: 'determinist' }, /^--only: unknown kind determinist, did you mean det/)
  assertUsage({ only: '' }, /^--only: /)
})

test('--judge takes figures by their path and by their short names', () => {
  const judged = (judge: string): readonly string[] => judgingOf({ judge }).judge
  assert.deepEqual(judged('p99'), ['latency.p99Us'])
  assert.deepEqual(judged('latency.p95Us, p99 ,server.rssBytesPerClient'), [
    'latency.p95Us',
    'latency.p99Us',
    'server.rssBytesPerClient',
  ])
  // It is judged anyway.
  assert.deepEqual(judged('p50'), ['latency.p50Us'])
})

test('--judge refuses what no repetitions tell, and helps with a name that is nearly right', () => {
  assertUsage({ judge: 'latency.p98Us' }, /^--judge: "latency\.p98Us" .*did you mean latency\.p9/)
  assertUsage(
    { judge: 'delivery.lost' },
    /is no figure of repetitions.*; expected .*latency\.p50Us/,
  )
  assertUsage({ judge: 'lost' }, /^--judge: "lost" is no figure/)
  assertUsage({ judge: 'wire.bytesPerDelivery' }, /is no figure of repetitions/)
  assertUsage({ judge: '' }, /^--judge: "" /)
  assertUsage({ judge: 'p99,' }, /^--judge: "" /)
})
