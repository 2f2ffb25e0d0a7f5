import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileLayer } from './file-layer.ts'
import { KEY_NOTES, TOLD_KEYS } from './key-note.ts'
import { flagLayer } from './layer.ts'
import { resolveScenario } from './resolve.ts'
import { BEGUN_THRESHOLDS, sampleScenario } from './sample.ts'
import type { Scenario } from './scenario.ts'

const transportNames = ['short-poll', 'long-poll', 'sse', 'websocket']
const sample = sampleScenario('./x.json', 'rtbench run x.yaml')

function resolve(...layers: readonly Parameters<typeof resolveScenario>[0][number][]): Scenario {
  return resolveScenario(layers, { transportNames, randomSeed: () => 42 })
}

test('as it is, the commented sample says no more than the defaults, and what every server keeps', () => {
  const { name, thresholds, ...scenario } = resolve(fileLayer('first.yaml', sample))
  const { name: _, thresholds: none, ...usual } = resolve()
  assert.deepEqual([thresholds, none], [['lost==0', 'duplicates==0', 'outOfOrder==0'], []])
  assert.equal(name, 'first')
  assert.deepEqual(scenario, usual)
  assert.equal(resolve(flagLayer({ duration: '1s' }), fileLayer('x.yaml', sample)).warmupMs, 500)
})

test('uncommented, it has every key with its default or an example', () => {
  const layer = fileLayer(
    'all.yaml',
    sample.replace(/^#(?=\w)/gm, '').replace(/^#(?= {2,}\w+:)/gm, ''),
  )
  assert.deepEqual(Object.keys(layer.values).sort(), [...TOLD_KEYS].sort())
  for (const key of TOLD_KEYS) {
    const { usual, examples } = KEY_NOTES[key]
    const expected = key === 'threshold' ? BEGUN_THRESHOLDS : (usual ?? examples[0])
    assert.deepEqual(layer.values[key], expected, key)
  }
})

test('each key stands below its meaning', () => {
  for (const key of TOLD_KEYS) {
    const { meaning } = KEY_NOTES[key]
    assert.ok(
      new RegExp(`^# ${meaning.replace(/[.*+?()[\\]]/g, '\\$&')}[^\n]*\n#?${key}:`, 'm').test(
        sample,
      ),
      key,
    )
  }
})
