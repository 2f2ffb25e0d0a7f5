import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileLayer } from './file-layer.ts'
import { environmentLayer, flagLayer, type Layer } from './layer.ts'
import { linesOf } from './refusal.conformance.ts'
import type { Scenario } from './scenario.ts'
import { resolveScenario, usualResolution } from './usual.conformance.ts'

const { transportNames } = usualResolution

function resolve(...layers: readonly Layer[]): Scenario {
  return resolveScenario(layers)
}

function flags(options: Readonly<Record<string, unknown>>): Scenario {
  return resolve(flagLayer(options))
}

describe('defaults', () => {
  it('are those of the documentation', () => {
    const documented = {
      name: 'all-1000',
      description: '',
      transports: transportNames,
      clients: 1000,
      durationMs: 10_000,
      warmupMs: 3000,
      rampUpMs: null,
      channels: 100,
      rate: 0.2,
      arrivals: 'poisson',
      payloadBytes: 128,
      intervalMs: 1000,
      holdMs: 30_000,
      engine: 'lean',
      instances: 'auto',
      workers: 'auto',
      backplane: 'memory',
      busRouting: 'broadcast',
      url: null,
      target: null,
      repeat: 1,
      thresholds: [],
      seed: 42,
    } satisfies Partial<Scenario>
    assert.deepEqual({ ...resolve(), ...documented }, resolve())
  })

  it('are a channel for each of few clients', () => {
    assert.equal(flags({ clients: '100' }).channels, 'per-client')
    assert.equal(flags({ clients: '101' }).channels, 100)
  })

  it('name a scenario after its file, else after what it runs', () => {
    assert.equal(resolve(fileLayer('a/nightly.yaml', 'clients: 1')).name, 'nightly')
    assert.equal(resolve(fileLayer('a/nightly.yaml', 'name: other')).name, 'other')
    assert.equal(flags({ transport: 'sse', clients: '10k' }).name, 'sse-10000')
    assert.equal(flags({ transport: 'sse,websocket' }).name, 'sse-websocket-1000')
    assert.equal(flags({ transport: transportNames.join() }).name, 'all-1000')
  })

  it('keep the warm-up shorter than a short duration, unless it is asked for', () => {
    assert.equal(flags({ duration: '1s' }).warmupMs, 500)
    assert.equal(flags({ duration: '4s' }).warmupMs, 2000)
    assert.match(
      linesOf(() => flags({ duration: '1s', warmup: '2s' })).join(),
      /^--warmup: 2s is not/,
    )
  })
})

describe('precedence', () => {
  const flag = flagLayer({ clients: '1' })
  const environment = environmentLayer({ RTBENCH_CLIENTS: '2', RTBENCH_RATE: '2' })
  const written = fileLayer('x.yaml', 'clients: 3\nrate: 3\nhold: 3s')

  it('is flags, environment, file, defaults', () => {
    const { clients, rate, holdMs, repeat } = resolve(flag, environment, written)
    assert.deepEqual(
      { clients, rate, holdMs, repeat },
      { clients: 1, rate: 2, holdMs: 3000, repeat: 1 },
    )
  })

  it('lets a flag go back to a default of its own name', () => {
    const layer = fileLayer('x.yaml', 'rampUp: 5s\nchannels: 3\ninstances: 2\ntransport: sse')
    const back = { rampUp: 'auto', channels: 'per-client', instances: 'auto', transport: 'all' }
    const scenario = resolve(flagLayer(back), layer)
    assert.equal(scenario.rampUpMs, null)
    assert.equal(scenario.channels, 'per-client')
    assert.equal(scenario.instances, 'auto')
    assert.deepEqual(scenario.transports, transportNames)
  })

  it('does not excuse a bad value below a good one', () => {
    const bad = fileLayer('x.yaml', 'clients: 0')
    assert.deepEqual(
      linesOf(() => resolve(flag, bad)),
      [
        'x.yaml:1:10 clients: 0 is below 1; expected a whole number such as 1000, or a count such as 10k',
      ],
    )
  })
})

describe('bad values elsewhere', () => {
  it('are told by flag', () => {
    const lines = linesOf(() => flags({ rampUp: 'x', clients: '0', rate: 'NaN', duration: '10' }))
    assert.deepEqual(
      lines.map((line) => line.split(';')[0]),
      [
        '--clients: 0 is below 1',
        '--duration: 10 has no unit',
        '--ramp-up: "x" is not a duration',
        '--rate: "NaN" is not a rate',
      ],
    )
  })

  it('are told by variable, flags first and files last', () => {
    const environment = environmentLayer({ RTBENCH_RAMP_UP: 'x', RTBENCH_RAET: '1' })
    const written = fileLayer('x.yaml', 'hold: 1')
    const lines = linesOf(() => resolve(flagLayer({ clients: '' }), environment, written))
    assert.deepEqual(
      lines.map((line) => line.split(';')[0]),
      [
        '--clients: "" is not a count',
        'RTBENCH_RAMP_UP: "x" is not a duration',
        'RTBENCH_RAET: unknown variable, did you mean RTBENCH_RATE?',
        'x.yaml:1:7 hold: 1 has no unit',
      ],
    )
  })

  it('are told where they stand when layers contradict each other', () => {
    const written = fileLayer('x.yaml', 'clients: 5\nwarmup: 3s')
    assert.match(
      linesOf(() => resolve(flagLayer({ duration: '2s' }), written)).join(),
      /^x\.yaml:2:9 warmup: 3s is not shorter than the duration of 2s; expected less than that$/,
    )
    assert.match(
      linesOf(() => resolve(flagLayer({ channels: '6' }), written)).join(),
      /^--channels: 6 channels for 5 clients /,
    )
  })

  it('are told of a percentile that the events cannot carry', () => {
    const ask = (threshold: string, clients: string) =>
      linesOf(() =>
        flags({ threshold, clients, channels: 'per-client', rate: '1', duration: '1s' }),
      ).join()
    const cases = { 'p90<1s': 10, 'p95<1s': 20, 'p99<1s': 100, 'p999<1s': 10_000 }
    for (const [threshold, least] of Object.entries(cases)) {
      assert.match(ask(threshold, String(least - 1)), /^--threshold: .* needs [\d,]+ events/)
      assert.equal(ask(threshold, String(least)), 'was accepted')
    }
    assert.equal(ask('p50<1s', '1'), 'was accepted')
    // A broadcast is one event, however many hear it.
    const broadcast = (rate: string): string =>
      linesOf(() =>
        flags({ threshold: 'p99<1s', channels: 'broadcast', clients: '500', rate, duration: '5s' }),
      ).join()
    assert.match(broadcast('19'), /these channels, rate and duration make about 95; expected more/)
    assert.equal(broadcast('20'), 'was accepted')
  })

  it('are told of instances of a server that somebody else started', () => {
    const url = 'http://127.0.0.1:8080'
    assert.match(
      linesOf(() => flags({ url, instances: '2' })).join(),
      /^--instances: 2 server instances, and the server at http:.* expected auto, or no url$/,
    )
    assert.equal(flags({ url, instances: 'auto' }).url, url)
  })

  it('keep the payload as long as the mark of the caller', () => {
    const run = () => resolveScenario([flagLayer({ payload: '60' })], { minPayloadBytes: 61 })
    assert.match(linesOf(run).join(), /^--payload: 60 is below 61B; expected 61B \(its mark\) to /)
  })
})
