import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SCENARIO_KEYS, variableOf } from './keys.ts'
import { environmentLayer, flagLayer } from './layer.ts'

describe('flagLayer', () => {
  it('takes scenario keys only, and plain numbers as numbers', () => {
    const layer = flagLayer({
      clients: '100',
      rate: '1e-2',
      rampUp: '5s',
      name: '123',
      threshold: ['p99<1s'],
      seed: undefined,
      json: true,
      constructor: 'x',
    })
    assert.deepEqual(layer.values, {
      clients: 100,
      rate: 0.01,
      rampUp: '5s',
      name: '123',
      threshold: ['p99<1s'],
    })
    assert.equal(layer.place('rampUp').label, '--ramp-up')
    assert.equal(layer.place('threshold', 0).label, '--threshold')
  })
})

describe('environmentLayer', () => {
  it('knows a variable for each key', () => {
    const environment = Object.fromEntries(SCENARIO_KEYS.map((key) => [variableOf(key), 'x']))
    const layer = environmentLayer(environment)
    assert.deepEqual(Object.keys(layer.values), [...SCENARIO_KEYS])
    assert.deepEqual(layer.problems, [])
    assert.ok('RTBENCH_RAMP_UP' in environment)
    assert.equal(layer.place('rampUp').label, 'RTBENCH_RAMP_UP')
  })

  it('takes an empty variable as absent', () => {
    assert.deepEqual(environmentLayer({ RTBENCH_CLIENTS: '' }).values, {})
  })

  it('tells a misspelt variable and leaves others alone', () => {
    const { values, problems } = environmentLayer({
      RTBENCH_CLEINTS: '1',
      RTBENCH_TRANSPORTS: 'sse',
      RTBENCH_TOKEN: 'secret',
      RTBENCH_HOST: '::1',
      RTBENCH_DEBUG: '1',
      RTBENCH_OUT: 'results',
      CLIENTS: '5',
    })
    assert.deepEqual(values, {})
    assert.deepEqual(
      problems.map(({ place, text }) => `${place.label}: ${text}`),
      [
        'RTBENCH_CLEINTS: unknown variable, did you mean RTBENCH_CLIENTS?',
        'RTBENCH_TRANSPORTS: unknown variable, did you mean RTBENCH_TRANSPORT?',
      ],
    )
  })
})
