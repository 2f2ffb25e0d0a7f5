/** Questions about the samples, for tests of what answers them. */
import assert from 'node:assert/strict'
import type { Advice, TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { transports } from '../transports/registry.ts'
import { advise } from './advise.ts'

/** That of the samples: 1,000 clients with 0.1 events a second each. */
export const sampleWorkload: Workload = {
  users: 1_000,
  eventsPerUserPerSecond: 0.1,
  wanted: { percentile: 'p99', latencyUs: 500_000 },
  channels: 'per-client',
  payloadBytes: null,
  clientToServer: 'none',
  messagesPerUserPerSecond: null,
  instances: 1,
  proxies: [],
  browsers: 'modern',
}

/** Those that the samples have, whatever else there is. */
const sampled: typeof transports = transports.filter(({ name }) =>
  sampleResult().runs.some(({ transport }) => transport === name),
)

export function ask(
  changes: Partial<Workload> = {},
  results: readonly Result[] = [sampleResult()],
  techniques = sampled,
  prefer = 'simple',
) {
  return advise({ ...sampleWorkload, ...changes }, results, techniques, prefer)
}

export function of(advice: Advice, transport: string): TechniqueAdvice {
  const found = advice.techniques.find((technique) => technique.transport === transport)
  assert.ok(found !== undefined)
  return found
}

export function statuses(advice: Advice): Readonly<Record<string, string>> {
  return Object.fromEntries(advice.techniques.map(({ transport, status }) => [transport, status]))
}

export const polling = (intervalMs: number) => ({ ...sampleResult().scenario, intervalMs })

export const within = (latencyUs: number) => ({ wanted: { percentile: 'p99', latencyUs } as const })
