import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Discovery } from '../../discovery/discovery.ts'
import { scenarioOf } from '../../experiment/plan.ts'
import { fileLayer } from '../../scenario/file-layer.ts'
import { servedLayers } from '../../scenario/layer.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { Server } from './options.ts'
import { serverScenario } from './scenario.ts'

const STARTED: Server = { serve: 'npm start' }
const HOW = { schema: './schema.json', command: 'npx rtbench ci x' }

function written(found: Partial<Discovery>, server = STARTED): string {
  const usual = { publish: { path: '/pub' }, endpoints: { sse: { path: '/events' } }, missing: {} }
  return serverScenario({ ...usual, ...found }, server, HOW)
}

/** As the gate reads it. */
function read(text: string): Scenario {
  return scenarioOf(servedLayers([fileLayer('server.yaml', text)]))
}

test('what was found is a scenario, of one channel for all where no path names one', () => {
  const { channels, rate, thresholds, target } = read(written({}))
  assert.deepEqual([channels, rate], [1, 20])
  assert.deepEqual(thresholds, ['lost==0', 'duplicates==0', 'outOfOrder==0', 'p50<100ms'])
  assert.deepEqual(Object.keys(target?.endpoints ?? {}), ['sse'])
  const polls = { endpoints: { 'short-poll': { path: '/poll' } } }
  assert.equal(read(written(polls)).thresholds.at(-1), 'p50<1s')
  const named = { publish: { path: '/{channel}' }, endpoints: { sse: { path: '/{channel}' } } }
  assert.equal(read(written(named)).channels, 'per-client')
})

test('what was not found can be switched on where it stands', () => {
  const missing = { publish: 'not known', websocket: 'not found', 'long-poll': 'not found' }
  const text = written({ publish: null, missing })
  const { rate, thresholds } = read(text)
  assert.deepEqual([rate, thresholds], [0, []])
  assert.match(text, /^ {2}# websocket: not found; name it by rtbench init --ws PATH, or here:$/m)
  const all = text.replace(/^ {2}# (?=[\w-]+: \{)/gm, '  ').replace('rate: 0', 'rate: 1')
  const { target } = read(all)
  assert.deepEqual(Object.keys(target?.endpoints ?? {}).sort(), ['long-poll', 'sse', 'websocket'])
  assert.equal(target?.publish?.path, '/messages')
})

test('a server that runs has its url, and one that is started none', () => {
  assert.equal(read(written({}, { url: 'http://127.0.0.1:3000' })).url, 'http://127.0.0.1:3000')
  assert.doesNotMatch(written({}), /^url:/m)
})
