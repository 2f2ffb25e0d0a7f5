import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measurementFor } from './measurement.ts'

const workload = {
  clientToServer: 'none',
  messagesPerUserPerSecond: null,
  proxies: [],
  browsers: 'modern',
} as const

test('asks for what one machine carries, and for enough deliveries', () => {
  assert.deepEqual(
    measurementFor({
      ...workload,
      users: 50_000,
      eventsPerUserPerSecond: 20 / 86_400,
      wanted: { percentile: 'p99', latencyUs: 500_000 },
    }),
    { clients: 1000, rate: 0.1, interval: '500ms', duration: '10s' },
  )
  assert.deepEqual(
    measurementFor({
      ...workload,
      users: 20,
      eventsPerUserPerSecond: 50,
      wanted: { percentile: 'p50', latencyUs: 60_000_000 },
    }),
    { clients: 20, rate: 50, interval: '10s', duration: '30s' },
  )
})
