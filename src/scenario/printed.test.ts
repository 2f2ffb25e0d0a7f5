import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import fc from 'fast-check'
import { fileLayer } from './file-layer.ts'
import { entryOf, TOLD_KEYS } from './keys.ts'
import { environmentLayer, flagLayer, type Layer } from './layer.ts'
import { resolvePlan } from './plan.ts'
import { BEGUN_THRESHOLDS, printScenario, sampleScenario } from './printed.ts'
import type { Scenario } from './scenario.ts'
import { resolveScenario, usualResolution } from './usual.conformance.ts'

const { transportNames } = usualResolution

function resolve(layers: readonly Layer[]): Scenario {
  return resolveScenario(layers)
}

const planOf = (scenario: Scenario) => ({ scenario, sweep: null })

function print(...layers: readonly Layer[]): string {
  return printScenario(planOf(resolve(layers)), layers)
}

describe('a printed scenario', () => {
  it('says where each value comes from', () => {
    const printed = print(
      flagLayer({ clients: '10k' }),
      environmentLayer({ RTBENCH_RAMP_UP: '5s' }),
      fileLayer(
        'scenarios/a b.yaml',
        '# x\ntransport:\n  - sse\nrate: 6/min\nthreshold: lost==0\n',
      ),
    )
    for (const line of [
      'clients: 10000 # --clients',
      'rampUp: 5s # RTBENCH_RAMP_UP',
      'transport: [sse] # scenarios/a b.yaml:3',
      'rate: 0.1 # scenarios/a b.yaml:4',
      'threshold: [lost==0] # scenarios/a b.yaml:5',
      'name: a-b # default',
      'duration: 10s # default',
      'seed: 42 # drawn at random',
    ]) {
      assert.ok(printed.split('\n').includes(line), `${line}\n${printed}`)
    }
    assert.doesNotMatch(printed, /^(url|target):/m)
  })

  it('does not let a path leave its comment', () => {
    const printed = print(fileLayer('a\nclients: 5 #.yaml', 'rate: 1'))
    assert.match(printed, /^rate: 1 # a\\u000aclients: 5 #\.yaml:1$/m)
  })

  it('has the values of a sweep in the place of one', () => {
    for (const sweep of [
      'interval=0,500ms,1s',
      'clients=1k,2k',
      'rate=1/100s,20/day,1',
      'channels=1,2',
    ]) {
      const layers = [flagLayer({ sweep })]
      const plan = resolvePlan(layers, usualResolution)
      const printed = printScenario(plan, layers)
      assert.match(printed, /^# --sweep\nsweep:\n {2}\w+:\n/m)
      assert.equal(printed.includes('20/day'), sweep.includes('20/day'))
      const again = resolvePlan([fileLayer('sweep.yaml', printed)], usualResolution)
      assert.deepEqual(again, plan, printed)
    }
  })

  it('keeps the secrets of a server to itself, and is refused without them', () => {
    const text = `url: http://127.0.0.1:9
rate: 0
channels: 1
target:
  sse: { path: '/e?token=s3cret', headers: { X-A: s3cret, Accept-Language: de } }
`
    const printed = print(fileLayer('x.yaml', text))
    assert.match(printed, /path: \/e\?token=\*\*\*\n.*\n +X-A: "\*\*\*"\n +Accept-Language: de\n/)
    assert.doesNotMatch(printed, /s3cret/)
    assert.throws(
      () => resolve([fileLayer('y.yaml', printed)]),
      /path: .* rtbench starred; .*\n.*"X-A" /,
    )
  })

  it('has the description of a server in full', () => {
    const text = `url: http://127.0.0.1:9
target:
  publish: { path: '/p/{channel}', headers: { Accept: 'b: c' } }
  sse: { path: '/e/{channel}' }
  long-poll: { path: '/l/{channel}', empty: 304, gap: null, cursor: [{ from: header Etag, to: query x }] }
`
    const before = resolve([fileLayer('x.yaml', text)])
    const again = resolve([fileLayer('y.yaml', printScenario(planOf(before), []))])
    assert.deepEqual(again, before)
    assert.match(print(fileLayer('x.yaml', text)), /^# x\.yaml:3\ntarget:\n {2}publish:$/m)
  })
})

const ms = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((us) => `${us}us`)
const options = fc.record(
  {
    name: fc.constantFrom('x', '1e3', '007', 'true', 'null', 'ä.b', '0x1f'),
    description: fc.string({ unit: 'binary', maxLength: 200 }),
    transport: fc.subarray([...transportNames], { minLength: 1 }).map((names) => names.join(',')),
    clients: fc.integer({ min: 1, max: 10_000_000 }).map(String),
    duration: ms(1, 90_000),
    warmup: ms(0, 100),
    rampUp: fc.oneof(fc.constant('auto'), ms(1, 3_600_000)),
    channels: fc.constantFrom('per-client', 'broadcast', '1'),
    rate: fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
    arrivals: fc.constantFrom('poisson', 'constant'),
    payload: fc.integer({ min: 64, max: 65_536 }).map(String),
    interval: fc.oneof(fc.constant('0'), ms(1, 3_600_000)),
    hold: ms(100, 600_000),
    engine: fc.constantFrom('lean', 'library'),
    instances: fc.constantFrom('auto', '3'),
    workers: fc.constantFrom('auto', '1024'),
    url: fc.constantFrom('http://127.0.0.1:8080/a:b', 'https://x'),
    repeat: fc.integer({ min: 1, max: 1000 }).map(String),
    threshold: fc.subarray(['lost==0', 'reach >= 99.9%', 'connected<10M'], { minLength: 1 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(String),
  },
  { requiredKeys: [] },
)

test('read again, a printed scenario is the same', () => {
  let compared = 0
  fc.assert(
    fc.property(options, (given) => {
      const layers = [flagLayer(given)]
      let scenario: Scenario
      try {
        scenario = resolve(layers)
      } catch {
        return
      }
      compared++
      const printed = printScenario(planOf(scenario), layers)
      assert.deepEqual(resolve([fileLayer('again.yaml', printed)]), scenario, printed)
    }),
    { numRuns: 500 },
  )
  assert.ok(compared > 100, `only ${compared} were compared`)
})

const sample = sampleScenario('./x.json', 'rtbench run x.yaml')

test('as it is, the commented sample says no more than the defaults, and what every server keeps', () => {
  const { name, thresholds, ...scenario } = resolve([fileLayer('first.yaml', sample)])
  const { name: _, thresholds: none, ...usual } = resolve([])
  assert.deepEqual([thresholds, none], [['lost==0', 'duplicates==0', 'outOfOrder==0'], []])
  assert.equal(name, 'first')
  assert.deepEqual(scenario, usual)
  assert.equal(resolve([flagLayer({ duration: '1s' }), fileLayer('x.yaml', sample)]).warmupMs, 500)
})

test('uncommented, it has every key with its default or an example', () => {
  const layer = fileLayer(
    'all.yaml',
    sample.replace(/^#(?=\w)/gm, '').replace(/^#(?= {2,}\w+:)/gm, ''),
  )
  assert.deepEqual(Object.keys(layer.values).sort(), [...TOLD_KEYS].sort())
  for (const key of TOLD_KEYS) {
    const { usual, examples } = entryOf(key)
    const expected = key === 'threshold' ? BEGUN_THRESHOLDS : (usual ?? examples[0])
    assert.deepEqual(layer.values[key], expected, key)
  }
})

test('each key stands below its meaning', () => {
  for (const key of TOLD_KEYS) {
    const { meaning } = entryOf(key)
    assert.ok(
      new RegExp(`^# ${meaning.replace(/[.*+?()[\\]]/g, '\\$&')}[^\n]*\n#?${key}:`, 'm').test(
        sample,
      ),
      key,
    )
  }
})
