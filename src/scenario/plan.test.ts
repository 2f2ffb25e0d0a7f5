import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fileLayer } from './file-layer.ts'
import { environmentLayer, flagLayer, type Layer } from './layer.ts'
import { type Plan, resolvePlan } from './plan.ts'
import { linesOf } from './refusal.conformance.ts'
import { formatSwept, SWEEP_KEYS, type SweepKey } from './sweep.ts'
import { usualResolution } from './usual.conformance.ts'

function plan(...layers: readonly Layer[]): Plan {
  let seed = 42
  return resolvePlan(layers, {
    ...usualResolution,
    randomSeed: () => seed++,
    concerns: (key, name) => key !== 'interval' || name === 'short-poll',
  })
}

function flags(options: Readonly<Record<string, unknown>>): Plan {
  return plan(flagLayer(options))
}

function valuesOf({ sweep }: Plan): readonly number[] {
  return (sweep?.points ?? []).map(({ value }) => value)
}

describe('a sweep', () => {
  it('is a scenario for each value, ascending, which differ in nothing else', () => {
    const { scenario, sweep } = flags({ sweep: 'interval=5s,500ms,1s' })
    assert.equal(sweep?.key, 'interval')
    assert.deepEqual(
      sweep?.points.map(({ value }) => value),
      [500, 1000, 5000],
    )
    for (const { value, scenario: ofPoint } of sweep?.points ?? []) {
      assert.deepEqual(ofPoint, { ...scenario, intervalMs: value })
    }
    assert.equal(scenario.intervalMs, 500)
    assert.equal(scenario.seed, 42)
    assert.equal(scenario.name, 'sweep-interval')
  })

  const texts: readonly (readonly [string, SweepKey, readonly number[]])[] = [
    ['clients=1k,10k', 'clients', [1000, 10_000]],
    ['clients=100, 1000', 'clients', [100, 1000]],
    ['rate=0.01,6/min,1/s', 'rate', [0.01, 0.1, 1]],
    ['payload=128,4KiB', 'payload', [128, 4096]],
    ['hold=1s,30s', 'hold', [1000, 30_000]],
    ['channels=broadcast,10', 'channels', [1, 10]],
    ['interval=0,1s', 'interval', [0, 1000]],
  ]
  for (const [sweep, key, values] of texts) {
    it(`reads ${sweep}`, () => {
      const found = flags({ sweep })
      assert.equal(found.sweep?.key, key)
      assert.deepEqual(valuesOf(found), values)
    })
  }

  it('is a key of a file, as a text or a map, and a variable', () => {
    const file = (text: string): Layer => fileLayer('x.yaml', text)
    assert.deepEqual(valuesOf(plan(file('sweep: clients=1k,2k'))), [1000, 2000])
    assert.deepEqual(valuesOf(plan(file('sweep:\n  clients: [1k, 2000]'))), [1000, 2000])
    assert.deepEqual(valuesOf(plan(environmentLayer({ RTBENCH_SWEEP: 'rate=1,2' }))), [1, 2])
    assert.equal(plan(file('name: mine\nsweep: clients=1k,2k')).scenario.name, 'mine')
  })

  it('is taken back by none, and overridden by another one', () => {
    const below = fileLayer('x.yaml', 'sweep: clients=1k,2k')
    assert.equal(plan(flagLayer({ sweep: 'none' }), below).sweep, null)
    assert.equal(plan(flagLayer({ sweep: 'rate=1,2' }), below).sweep?.key, 'rate')
    // A value below it is what it varies.
    const interval = fileLayer('x.yaml', 'interval: 3s')
    assert.deepEqual(valuesOf(plan(flagLayer({ sweep: 'interval=1s,2s' }), interval)), [1000, 2000])
  })

  it('has no say in a scenario without one', () => {
    assert.equal(flags({ clients: 10 }).sweep, null)
    assert.equal(flags({ clients: 10 }).scenario.clients, 10)
  })

  it('does not ask its first value whether another one would do', () => {
    // 1,000 clients, the default, are too few for so many channels.
    assert.deepEqual(
      valuesOf(flags({ channels: '5k', sweep: 'clients=10k,20k' })),
      [10_000, 20_000],
    )
  })
})

describe('refuses', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['a unit missing', { sweep: 'interval=500,1s' }, '--sweep: 500 has no unit; expected'],
    ['a value out of bounds', { sweep: 'clients=0,5' }, '--sweep: 0 is below 1; expected'],
    ['a value that is none', { sweep: 'rate=1,' }, '--sweep: "" is not a rate; expected'],
    ['a text', { sweep: 'interval' }, '--sweep: "interval" is not a sweep; expected a key and its'],
    ['two keys', { sweep: 'rate=1,2=3' }, '--sweep: "rate=1,2=3" is not a sweep; expected'],
    [
      'a misspelt key',
      { sweep: 'intervall=1s,2s' },
      '--sweep: "intervall" is no key that can be swept, did you mean interval?; expected one of',
    ],
    [
      'a key that is no number',
      { sweep: 'engine=lean,library' },
      '--sweep: "engine" is no key that',
    ],
    [
      'channels that are no number',
      { sweep: 'channels=per-client,2' },
      '--sweep: per-client is no',
    ],
    ['one value', { sweep: 'rate=1' }, '--sweep: a single value for rate; expected at least two'],
    ['no value', { sweep: 'rate=' }, '--sweep: no value for rate; expected at least two'],
    ['the same twice', { sweep: 'interval=1s,1000ms' }, '--sweep: interval=1s is listed twice;'],
    ['a rate twice', { sweep: 'rate=20/day,140/week' }, '--sweep: rate=20/day is listed twice;'],
    [
      'a contradiction at a value',
      { sweep: 'channels=5,50', clients: 10 },
      '--sweep: 50 channels for 10 clients leave some without a listener;',
    ],
    [
      'a key that is given, too',
      { sweep: 'interval=1s,2s', interval: '1s' },
      '--interval: is swept, too, by --sweep; expected one of them',
    ],
    [
      'what concerns nobody',
      { sweep: 'interval=1s,2s', transport: 'sse,websocket' },
      '--sweep: interval changes nothing for sse, websocket; expected',
    ],
  ]
  for (const [what, options, line] of wrong) {
    it(what, () => {
      const lines = linesOf(() => flags(options))
      assert.equal(lines.length, 1, lines.join('\n'))
      assert.ok(lines[0]?.startsWith(line), lines[0])
    })
  }

  it('every wrong value, each in a line', () => {
    const lines = linesOf(() => flags({ sweep: 'interval=1,2s,3' }))
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /^--sweep: 1 has no unit;/)
    assert.match(lines[1] ?? '', /^--sweep: 3 has no unit;/)
  })

  it('what is wrong at some values and stands elsewhere, with the value', () => {
    const lines = linesOf(() =>
      flags({ sweep: 'rate=0.001,1', threshold: ['p99<1s'], clients: 100, duration: '10s' }),
    )
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /^--threshold: .* needs 100 events.*\(at rate=0\.001\)$/)
  })

  it('what is wrong whatever the value, once', () => {
    assert.deepEqual(
      linesOf(() => flags({ sweep: 'rate=1,2', warmup: '20s' })),
      ['--warmup: 20s is not shorter than the duration of 10s; expected less than that'],
    )
  })

  it('a value in a file, with its place', () => {
    const lines = linesOf(() => plan(fileLayer('x.yaml', 'sweep:\n  interval: [1s, 2]\n')))
    assert.match(lines.join('\n'), /^x\.yaml:2:18 sweep\.interval\[1\]: 2 has no unit/)
    const bad = linesOf(() => plan(fileLayer('x.yaml', 'sweep:\n  interval: [true, 1s]\n')))
    assert.match(bad.join('\n'), /^x\.yaml:2:\d+ sweep/)
    const two = linesOf(() => plan(fileLayer('x.yaml', 'sweep: {rate: [1, 2], clients: [1, 2]}')))
    assert.match(two.join('\n'), /^x\.yaml:1:8 sweep: a map is not a sweep/)
  })

  it('a key above the sweep, and says how to go on', () => {
    const below = fileLayer('x.yaml', 'sweep: clients=1k,2k')
    assert.deepEqual(
      linesOf(() => plan(flagLayer({ clients: '5' }), below)),
      ['--clients: is swept, too, by x.yaml:1:8 sweep; expected one of them, or --sweep none'],
    )
  })
})

it('any text is a sweep or refused in lines', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SWEEP_KEYS), fc.array(fc.string()), (key, values) => {
      const sweep = `${key}=${values.join(',')}`
      for (const line of linesOf(() => flags({ sweep }))) assert.match(line, /^--sweep: |^was acc/)
    }),
  )
})

it('a value is written as it is read', () => {
  const bases = {
    ...{ clients: 7, channels: 3, rate: 0.25, payload: 8192 },
    ...{ interval: 1500, hold: 30_000, instances: 2 },
  }
  for (const key of SWEEP_KEYS) {
    const written = `${key}=${formatSwept(key, bases[key])},${formatSwept(key, bases[key] * 2)}`
    assert.deepEqual(valuesOf(flags({ sweep: written })), [bases[key], bases[key] * 2], written)
  }
})
