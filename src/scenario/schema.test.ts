import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { fileLayer } from './file-layer.ts'
import { flagLayer } from './layer.ts'
import { linesOf } from './refusal.conformance.ts'
import type { Scenario } from './scenario.ts'
import { recordedScenario } from './schema.ts'
import { resolveScenario, usualResolution, usualScenario } from './usual.conformance.ts'

const { transportNames } = usualResolution

function flags(options: Readonly<Record<string, unknown>>): Scenario {
  return resolveScenario([flagLayer(options)])
}

function file(text: string): Scenario {
  return resolveScenario([fileLayer('x.yaml', text)])
}

describe('good values', () => {
  const rows: readonly (readonly [text: string, expected: Partial<Scenario>])[] = [
    ['transport: sse', { transports: ['sse'] }],
    ['transport: websocket, sse', { transports: ['websocket', 'sse'] }],
    ['transport: [websocket, sse]', { transports: ['websocket', 'sse'] }],
    ['transport: [all]', { transports: transportNames }],
    ['transport: WS, Long_Poll', { transports: ['websocket', 'long-poll'] }],
    ['transport: [SSE, web sockets]', { transports: ['sse', 'websocket'] }],
    ['transport: ALL', { transports: transportNames }],
    ['clients: 1.5k', { clients: 1500 }],
    ['clients: 1e4', { clients: 10_000 }],
    ['duration: 1.5m', { durationMs: 90_000 }],
    ['warmup: 0', { warmupMs: 0 }],
    ['rampUp: 5s', { rampUpMs: 5000 }],
    ['channels: broadcast', { channels: 1 }],
    ['channels: 1k', { channels: 1000 }],
    ['rate: 0', { rate: 0 }],
    ['rate: 1/100s', { rate: 0.01 }],
    ['rate: 20/day', { rate: 20 / 86_400 }],
    ['arrivals: constant', { arrivals: 'constant' }],
    ['payload: 64', { payloadBytes: 64 }],
    ['payload: 64KiB', { payloadBytes: 65_536 }],
    ['interval: 0', { intervalMs: 0 }],
    ['interval: 1ms', { intervalMs: 1 }],
    ['hold: 100ms', { holdMs: 100 }],
    ['hold: 10m', { holdMs: 600_000 }],
    ['instances: 6', { instances: 6 }],
    ['url: https://example.org/push', { url: 'https://example.org/push' }],
    ['url: http://[::1]:8080', { url: 'http://[::1]:8080' }],
    ['threshold: p99<200ms', { thresholds: ['p99<200ms'] }],
    ['threshold: p99<200ms, lost==0', { thresholds: ['p99<200ms', 'lost==0'] }],
    ['threshold: [p50 < 1s]', { thresholds: ['p50 < 1s'] }],
    ['threshold: p999<1s\nrate: 10', { thresholds: ['p999<1s'], rate: 10 }],
    ['seed: 4294967295', { seed: 4_294_967_295 }],
  ]
  for (const [text, expected] of rows) {
    it(text, () => assert.deepEqual(file(text), { ...file('{}'), ...expected }))
  }

  it('read the same from flags', () => {
    const scenario = flags({
      clients: '100',
      rate: '0.5',
      interval: '0',
      seed: '7',
      payload: '256',
    })
    const { clients, rate, intervalMs, seed, payloadBytes } = scenario
    assert.deepEqual([clients, rate, intervalMs, seed, payloadBytes], [100, 0.5, 0, 7, 256])
  })
})

describe('bad values in a file', () => {
  const rows: readonly (readonly [text: string, line: RegExp])[] = [
    ['clients:', /^x\.yaml:1:9 clients: no value; expected a whole number such as 1000, or a /],
    ['clients: 0', /^x\.yaml:1:10 clients: 0 is below 1; expected /],
    ['clients: -5', /^x\.yaml:1:10 clients: -5 is below 1; expected /],
    ['clients: 1.5', /clients: 1\.5 is not a whole number; expected /],
    ['clients: 1e9', /is above 10,000,000 \(1,000,000,000 clients × 16 KB are about 16,000 GB\); /],
    ['clients: "100"', /clients: "100" is a text: a plain number has no quotes; expected /],
    ['clients: many', /clients: "many" is not a count; expected /],
    ['clients: [1]', /clients: a list is not a count; expected /],
    ['clients: {a: 1}', /clients: a map is not a count; expected /],
    ['clients: true', /clients: true is not a count; expected /],
    [
      'transport: ses',
      /"ses" is not a transport, did you mean sse\?; expected all, or some of short-poll, long-poll, sse, websocket$/,
    ],
    ['transport: [sse, sse]', /^x\.yaml:1:18 transport\[1\]: "sse" is listed twice; expected /],
    ['transport: ws, websocket', /transport: "websocket" is listed twice; expected /],
    ['transport: [all, sse]', /transport\[0\]: "all" already includes every transport; /],
    ['transport: [sse, 3]', /^x\.yaml:1:18 transport\[1\]: 3 is not a text; expected all, or /],
    ['transport: []', /transport: an empty list; expected /],
    ['transport: ""', /transport: "" is not a transport; expected /],
    ['duration: 10', /^x\.yaml:1:11 duration: 10 has no unit; expected a duration such as /],
    ['duration: 0s', /duration: "0s" is below 1ms; expected /],
    ['duration: 10days', /duration: "10days" has the unknown unit days; expected /],
    ['duration: 200h', /duration: "200h" is above 168h; expected /],
    [
      'warmup: 5s\nduration: 5s',
      /^x\.yaml:1:9 warmup: 5s is not shorter than the duration of 5s; /,
    ],
    ['rampUp: 0', /rampUp: 0 has no unit; expected auto, or a duration such as 5s$/],
    ['channels: brodcast', /channels: "brodcast" is not a count, did you mean broadcast\?; /],
    [
      'channels: 2000',
      /channels: 2,000 channels for 1,000 clients leave some without a listener; /,
    ],
    ['rate: .nan', /rate: NaN is not a rate; expected events per second and channel, /],
    ['rate: .inf', /rate: Infinity is not a rate; expected /],
    ['rate: -1', /rate: -1 is below 0; expected /],
    ['rate: 2M', /rate: "2M" is above 1,000,000; expected /],
    [
      'arrivals: poison',
      /"poison" is not known, did you mean poisson\?; expected poisson or constant$/,
    ],
    ['payload: 63', /payload: 63 is below 64B; expected 64B \(its mark\) to 64KiB, such as /],
    ['payload: 65KiB', /payload: "65KiB" is above 64KiB; expected /],
    ['payload: 99.5', /payload: 99\.5 is not a whole number; expected /],
    [
      'interval: 0.5ms',
      /interval: "0\.5ms" is below 1ms; expected a duration from 1ms to 1h, or 0 /,
    ],
    ['interval: 2', /interval: 2 has no unit; expected /],
    ['hold: 99ms', /hold: "99ms" is below 100ms; expected a duration from 100ms to 10m, /],
    ['hold: 11m', /hold: "11m" is above 10m; expected /],
    ['engine: libary', /"libary" is not known, did you mean library\?; expected lean or library$/],
    ['instances: 0', /instances: 0 is below 1; expected auto, or a whole number$/],
    ['workers: atuo', /workers: "atuo" is not a count, did you mean auto\?; expected auto, or /],
    [
      'backplane: amqp://localhost',
      /"amqp:\/\/localhost" has the scheme amqp, and a bus has one of .*; expected memory, none, or the URL of a bus/,
    ],
    [
      'url: ftp://example.org',
      /"ftp:\/\/example\.org" has the scheme ftp; expected a base URL with http:\/\/ or https:\/\/, /,
    ],
    [
      'url: ws://example.org',
      /has the scheme ws, which rtbench derives from http or https itself; /,
    ],
    ['url: http://localhost:70000/', /has the port 70000, which is not from 1 to 65535; expected /],
    ['url: localhost:8080', /"localhost:8080" is not a URL with its scheme; expected /],
    ['url: http://', /"http:\/\/" is not a URL; expected /],
    ['url: "http://a b"', /is not a URL; expected /],
    ['url: "http://a\\r\\nb"', /"http:\/\/a\\r\\nb" is not a URL; expected /],
    ['url: http://me:word@example.org', /carries credentials, which results would store; /],
    ['url: http://example.org/?a=1', /has a query or a fragment; expected /],
    ['repeat: 0', /repeat: 0 is below 1; expected a whole number from 1 to 1,000$/],
    [
      'threshold: p99<200',
      /"p99<200" compares with 200, which has no unit; expected a condition such /,
    ],
    [
      'threshold: [p99<1s, p101<1s]',
      /^x\.yaml:1:21 threshold\[1\]: .* percentile 101, which is above 100; the metrics are /,
    ],
    [
      'threshold: speed>9',
      /names the unknown metric speed; the metrics are p50, .*, connected, and the paths of /,
    ],
    ['threshold: lost=0', /"lost=0" is not a comparison, did you mean lost==0\?; expected/],
    ['threshold: p99 < 200 ms', /is not a comparison, did you mean p99<200ms\?; expected/],
    ['threshold: p99', /is not a comparison \(a shell wants it in quotes, /],
    ['threshold: p999<1s', /needs 10,000 events, and these .* make about 200; expected more /],
    [
      'threshold: p50<1s\nrate: 0',
      /asks about deliveries, and rate 0 makes none; expected a rate above 0$/,
    ],
    ['seed: -1', /seed: -1 is below 0; expected a whole number from 0 to 4294967295$/],
    ['seed: 4294967296', /seed: 4294967296 is above 4294967295; expected /],
    ['seed: "7"', /seed: "7" is a text: a plain number has no quotes; /],
    ['seed: lucky', /seed: "lucky" is not a number; expected /],
    ['name: a/b', /name: "a\/b" cannot name a file; expected /],
    ['name: 7', /name: 7 is not a text; expected /],
    [`description: ${'x'.repeat(1001)}`, /description: "x+…" is too long; expected at most 1,000 /],
  ]
  for (const [text, pattern] of rows)
    it(text.slice(0, 60), () => {
      const lines = linesOf(() => file(text))
      assert.equal(lines.length, 1, lines.join('\n'))
      assert.match(lines[0] ?? '', pattern)
      assert.match(lines[0] ?? '', /^x\.yaml:\d+:\d+ \S+: .+; expected .+$/)
    })

  it('are all told at once, by position', () => {
    const text = 'rate: -1\ncleints: 3\nclients: 0\nthreshold:\n  - p98<1s\n  - lost<x\nrate: 5'
    const places = linesOf(() => file(text)).map((line) => line.split(': ')[0])
    assert.deepEqual(places, [
      'x.yaml:1:7 rate',
      'x.yaml:2:1 cleints',
      'x.yaml:3:10 clients',
      'x.yaml:5:5 threshold[0]',
      'x.yaml:6:5 threshold[1]',
      'x.yaml:7:1 rate',
    ])
  })

  it('do not bring a contradiction with them', () => {
    assert.equal(linesOf(() => file('warmup: 20s\nduration: 10')).length, 1)
  })
})

test('a result keeps every value of a scenario, and what it does not know', () => {
  for (const scenario of [
    usualScenario,
    { ...flags({ clients: '7', rampUp: '1s', url: 'http://a' }), threshold: ['lost==0'] },
    { ...usualScenario, target: { publish: null, endpoints: { sse: { path: '/x', later: 1 } } } },
    { ...usualScenario, later: true },
  ]) {
    assert.deepEqual(recordedScenario.parse(scenario), scenario)
  }
  const { engine: _, target, ...first } = usualScenario
  assert.deepEqual(recordedScenario.parse(first), { ...first, engine: 'lean' })
  assert.equal(target, null)
  for (const wrong of [{ clients: -1 }, { rate: '1' }, { channels: 0 }, { seed: undefined }]) {
    assert.ok(!recordedScenario.safeParse({ ...usualScenario, ...wrong }).success)
  }
})
