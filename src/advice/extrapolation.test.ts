import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientsWithin, extrapolationsOf } from './extrapolation.ts'

const evidence = { usersFactor: 1, eventsFactor: 1 }
const estimate = { loadFactor: 1, messagesFactor: null }

test('ten times what was measured is near enough, and more is not', () => {
  assert.deepEqual(extrapolationsOf({ usersFactor: 10, eventsFactor: 1 }, estimate, true), [])
  assert.deepEqual(extrapolationsOf({ usersFactor: 1, eventsFactor: 10 }, estimate, true), [])
  assert.deepEqual(extrapolationsOf({ ...evidence, usersFactor: 10.1 }, estimate, true), [
    { of: 'users', factor: 10.1 },
  ])
  assert.equal(clientsWithin(50_000), 5_000)
  assert.equal(clientsWithin(11), 2)
})

test('less than was measured is no stretch', () => {
  const less = { loadFactor: 0.001, messagesFactor: 0.001 }
  assert.deepEqual(extrapolationsOf({ usersFactor: 0.001, eventsFactor: 0.001 }, less, true), [])
})

test('the farthest comes first, and is what the technique does', () => {
  const far = { loadFactor: 64, messagesFactor: 20 }
  const of = (asks: boolean) =>
    extrapolationsOf({ usersFactor: 2, eventsFactor: 30 }, far, asks).map((it) => it.of)
  assert.deepEqual(of(true), ['requests', 'events', 'messages'])
  assert.deepEqual(of(false), ['events', 'messages'])
})

test('as many users and events as are near enough each may be too many deliveries', () => {
  assert.deepEqual(extrapolationsOf({ usersFactor: 8, eventsFactor: 8 }, estimate, true), [
    { of: 'deliveries', factor: 64 },
  ])
})
