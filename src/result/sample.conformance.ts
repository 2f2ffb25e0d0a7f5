/** Results made by hand, for tests of what reads them. */

import { usualScenario } from '../scenario/usual.conformance.ts'
import type { LatencySummary, Run, RunResult } from './document.ts'

const { target: _, ...usual } = usualScenario

/** As the transports themselves declare them. */
const traits = {
  'short-poll': {
    direction: 'client pull',
    latency: 'poll interval',
    connectionsHeld: 'none',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'lowest',
    complexityGrade: 0,
    bestFor: 'infrequent updates',
    scaling: 'stateless, one log',
    bidirectional: false,
    keepsInterval: true,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  'long-poll': {
    direction: 'client pull',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'low',
    complexityGrade: 1,
    bestFor: 'fallback, constrained environments',
    scaling: 'one log',
    bidirectional: false,
    keepsInterval: false,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  sse: {
    direction: 'server push',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP (streaming)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'usually fine',
    complexity: 'low to medium',
    complexityGrade: 1.5,
    bestFor: 'notifications, feeds',
    scaling: 'bus',
    bidirectional: false,
    keepsInterval: false,
    needsUpgrade: false,
    streams: true,
    needsModernBrowser: true,
  },
  websocket: {
    direction: 'bidirectional',
    latency: 'real-time',
    connectionsHeld: 'one per client',
    protocol: 'WS (TCP upgrade)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'sometimes blocked',
    complexity: 'medium to high',
    complexityGrade: 2.5,
    bestFor: 'chat, games, collaboration',
    scaling: 'bus and sticky front',
    bidirectional: true,
    keepsInterval: false,
    needsUpgrade: true,
    streams: false,
    needsModernBrowser: true,
  },
}

/** A transport that the samples know. */
export type SampleTransport = keyof typeof traits

const labels: Record<SampleTransport, string> = {
  'short-poll': 'Short polling',
  'long-poll': 'Long polling',
  sse: 'Server-Sent Events',
  websocket: 'WebSocket',
}

const medianUs: Record<SampleTransport, number> = {
  'short-poll': 503_000,
  'long-poll': 3_410,
  sse: 3_080,
  websocket: 2_970,
}

const tailUs: Record<SampleTransport, number> = {
  'short-poll': 993_000,
  'long-poll': 14_900,
  sse: 12_300,
  websocket: 12_900,
}

const cpuUsPerDelivery: Record<SampleTransport, number> = {
  'short-poll': 4210,
  'long-poll': 96.4,
  sse: 31.2,
  websocket: 29.8,
}

/** A latency summary with these percentiles, of 1,000 samples. */
export function sampleLatency(p50Us: number, p99Us: number): LatencySummary {
  return {
    count: 1_000,
    minUs: 210,
    meanUs: p50Us * 1.1,
    p50Us,
    p90Us: p99Us * 0.7,
    p95Us: p99Us * 0.85,
    p99Us,
    p999Us: null,
    p9999Us: null,
    maxUs: p99Us * 1.3,
    // Of 1,000 samples: 50 of each millisecond from 1 to 20.
    histogram:
      'HISTFAAAAEd4nJNpmSzMwMBgycDAwMjAwMDMAAEgNsO1yUsYYPzz/Cln+VOmcqQ8ZU9ZyJLykRmKljOlfGfEglYyplSnVKZUpwAA1JYbsQ==',
  }
}

/** Of 1,012 messages, each acknowledged; with so many requests for each. */
export function sampleChat(requests: 0 | 1): NonNullable<Run['chat']> {
  return {
    ...{ sent: 1_012, acknowledged: 1_012, refused: 0, unknown: 0 },
    acknowledgement: sampleLatency(820, 2_400),
    acknowledgementLowerBound: sampleLatency(410, 1_300),
    echo: sampleLatency(700, 2_100),
    echoLowerBound: sampleLatency(330, 1_100),
    up: {
      ...{ messages: 1_012, requests: 1_012 * requests },
      ...{ bytesSent: 206_349, bytesReceived: 62_583, requestsPerMessage: requests },
      ...{ bytesSentPerMessage: requests === 1 ? 318 : 204, bytesReceivedPerMessage: 62 },
      serverCpuUsPerMessage: 140,
    },
  }
}

/** Of the mean latency 1.1 times the median, and of the service latency 0.95 of it. */
function sampleParts(medianUs: number, polls: boolean): NonNullable<Run['spent']> {
  const meanUs = medianUs * 1.1
  const slipUs = 120
  const acceptUs = meanUs * 0.05 - slipUs
  const fanOutUs = polls ? 0 : 15
  return { slipUs, acceptUs, fanOutUs, readUs: meanUs * 0.95 - fanOutUs }
}

/** A valid, lossless run of 1,000 clients over 10 s; a second parameter replaces parts of it. */
export function sampleRun(transport: SampleTransport, overrides: Partial<Run> = {}): Run {
  const polls = transport === 'short-poll'
  const asks = polls || transport === 'long-poll'
  const responses = polls ? 10_000 : asks ? 1_010 : 0
  const empty = polls ? 9_900 : asks ? 10 : 0
  return {
    transport,
    technique: { label: labels[transport], traits: traits[transport] },
    repetition: 1,
    startedAt: '2026-11-22T10:49:36.120Z',
    durationMs: 10_000,
    partial: false,
    interrupted: false,
    clients: {
      requested: 1_000,
      connected: 1_000,
      failed: 0,
      lost: 0,
      held: polls ? { mean: 0, min: 0, max: 0 } : { mean: 1_000, min: 1_000, max: 1_000 },
      openSockets: { mean: 1_000, min: 1_000, max: 1_000 },
    },
    connect: { p50Us: 410, p99Us: 2_200, maxUs: 5_100 },
    latency: sampleLatency(medianUs[transport], tailUs[transport]),
    serviceLatency: sampleLatency(medianUs[transport] * 0.95, tailUs[transport] * 0.97),
    spent: sampleParts(medianUs[transport], polls),
    fanOut: polls ? { p99Us: null, maxUs: 0 } : { p99Us: 22, maxUs: 140 },
    // Every client has a channel of its own.
    probe: null,
    delivery: {
      published: 1_000,
      expected: 1_000,
      delivered: 1_000,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      reach: 1,
      foreign: 0,
      misrouted: 0,
      gapSignals: 0,
    },
    exchanges: {
      requests: responses,
      responses,
      empty,
      emptyRatio: asks ? empty / responses : null,
      // 1,000 clients, 10 s: times 8,640 for a day, a thousandth for one client.
      requestsPerClientPerDay: asks ? responses * 8.64 : null,
    },
    wire: {
      bytesReceived: 400_000,
      bytesSent: 300_000,
      bytesPerDelivery: polls ? 21_400 : asks ? 388 : 172,
    },
    throughput: {
      deliveriesPerSecond: 100,
      exchangesPerSecond: responses / 10,
      bytesPerSecond: 40_000,
    },
    server: {
      instances: 1,
      cpuUsPerDelivery: cpuUsPerDelivery[transport],
      cpuUtilisation: 0.21,
      rssBytes: 95_000_000,
      rssBytesPerClient: 14_200,
      loopDelayP99Us: 1_200,
      slowConsumers: 0,
    },
    generator: {
      workers: 1,
      cpuUsPerDelivery: cpuUsPerDelivery[transport] * 0.8,
      cpuUtilisation: 0.18,
      rssBytes: 88_000_000,
      rssBytesPerClient: 6_150,
      loopDelayP99Us: 900,
    },
    publisher: {
      offeredPerSecond: 100,
      achievedPerSecond: 100,
      slipP99Us: 640,
      slipMaxUs: 1_900,
      dropped: 0,
    },
    host: { cpuUtilisation: 0.31, sharedWithServer: true },
    validity: { verdict: 'valid', reasons: [] },
    errors: {},
    timeline: [
      {
        second: 0,
        published: 98,
        deliveries: 97,
        p50Us: 3_000,
        p99Us: 12_000,
        maxUs: 15_000,
        held: polls ? 0 : 1_000,
        openSockets: 1_000,
        exchanges: responses / 10,
        bytesReceived: 40_000,
        cuts: 0,
        serverCpuUtilisation: 0.2,
        generatorCpuUtilisation: 0.17,
      },
    ],
    ...overrides,
  }
}

/** A result of all four transports, one run each; a parameter replaces parts of it. */
export function sampleResult(overrides: Partial<RunResult> = {}): RunResult {
  return {
    schemaVersion: 1,
    tool: { name: 'rtbench', version: '0.1.0' },
    environment: {
      node: '20.20.2',
      platform: 'linux x64',
      kernel: 'Linux 6.1.0',
      cpuModel: 'A 2 GHz processor',
      cores: 2,
      memoryBytes: 16_777_216_000,
      openFilesLimit: 20_000,
      commit: '1a2b3c4',
      startedAt: '2026-11-22T10:49:36.000Z',
    },
    scenario: {
      ...usual,
      description: 'A notification every ten seconds for each of 1,000 users.',
      warmupMs: 2_000,
      channels: 'per-client',
      rate: 0.1,
    },
    runs: [
      sampleRun('short-poll'),
      sampleRun('long-poll'),
      sampleRun('sse'),
      sampleRun('websocket'),
    ],
    missing: [],
    ...overrides,
  }
}

/** The return of twenty clients. */
export const sampleStorm: NonNullable<Run['storm']> = {
  ...{ by: 'kill-instance@5s', clients: 20 },
  back: { count: 20, p50Us: 1_800_000, p90Us: 2_400_000, p99Us: 3_000_000, maxUs: 3_200_000 },
  connects: { reached: 20, missed: 70, peakPerSecond: 12, peakPerTenth: 3, herdShare: 0.15 },
  queue: null,
  cost: {
    ...{ bytes: 10_000, bytesPerClient: 500, seconds: 4 },
    ...{ serverCpuUs: 4_000, serverCpuUsPerClient: 200 },
    ...{ generatorCpuUs: 6_000, generatorCpuUsPerClient: 300 },
  },
  events: { replayed: 40, missed: 0, duplicates: 0, gaps: 0 },
  recovery: { calmP99Us: 12_000, afterUs: 3_100_000 },
}
