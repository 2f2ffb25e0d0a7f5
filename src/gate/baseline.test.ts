import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { unfitness } from './baseline.ts'

const ALL = { deterministicOnly: false }
const COUNTS = { deterministicOnly: true }
const absent = { transport: 'sse', label: 'Server-Sent Events', repetition: 2, reason: 'x' }

function invalid(code: string, changes: Partial<Run> = {}): Partial<Run> {
  const reasons = [{ code, severity: 'invalid' as const, message: code, value: 1, limit: 0 }]
  return { validity: { verdict: 'invalid', reasons }, ...changes }
}

function unfit(changes: Partial<Run>, judging = ALL): string | null {
  return unfitness(sampleResult({ runs: [sampleRun('sse', changes)] }), judging)
}

test('a baseline is made of what would be evidence against it', () => {
  const latencyLowerBound = sampleLatency(1_000, 8_000)
  assert.equal(unfit({}), null)
  assert.equal(unfit(invalid('slip', { latencyLowerBound })), null)
  assert.equal(unfit(invalid('slip')), 'a run is invalid: slip')
  assert.equal(unfit({ partial: true }), 'a run is partial')
  assert.equal(unfit({ interrupted: true }), 'a run is interrupted')
  assert.equal(unfitness(sampleResult({ missing: [absent] }), ALL), 'a run is missing')
})

test('where times do not matter, one that was late is fit, and one that miscounted is not', () => {
  assert.equal(unfit(invalid('probe'), COUNTS), null)
  assert.equal(unfit(invalid('accounting'), COUNTS), 'a run is invalid: accounting')
})
