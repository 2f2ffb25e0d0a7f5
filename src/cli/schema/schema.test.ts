import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { parse } from 'yaml'
import { scenarioOf } from '../../experiment/plan.ts'
import { fileLayer } from '../../scenario/file-layer.ts'
import { entryOf, SCENARIO_KEYS, TOLD_KEYS, usualOf } from '../../scenario/keys.ts'
import { schemaText } from './action.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const isValid = new Ajv({ strict: true, strictTypes: false }).compile(JSON.parse(schemaText()))

/** Whether rtbench takes it, read from a file as JSON. */
function isTaken(scenario: unknown): boolean {
  try {
    scenarioOf([fileLayer('x.json', JSON.stringify(scenario))])
    return true
  } catch {
    return false
  }
}

test('the schema that is shipped is the one that is printed: npm run schema', () => {
  assert.equal(read('schema/scenario.schema.json'), schemaText())
})

describe('every sample scenario', () => {
  const entries = readdirSync(new URL('scenarios/', root), { recursive: true, encoding: 'utf8' })
  for (const name of entries.filter((entry) => entry.endsWith('.yaml'))) {
    it(`${name} is valid, and says where the schema is`, () => {
      const text = read(`scenarios/${name}`)
      assert.ok(isValid(parse(text)), JSON.stringify(isValid.errors))
      const path = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? ''
      assert.equal(
        new URL(path, new URL(`scenarios/${name}`, root)).href,
        new URL('schema/scenario.schema.json', root).href,
      )
    })
  }
})

/** What values of some keys do not go without. */
const CONTEXT: Readonly<Record<string, object>> = {
  target: { url: 'http://127.0.0.1:1', rate: 0 },
  balance: { front: 'haproxy' },
  viaConfig: { via: 'nginx' },
  sendRate: { workload: 'chat' },
  streamsPerConnection: { http: 2 },
  ...Object.fromEntries(
    ['ca', 'insecure', 'serverName'].map((key) => [key, { url: 'https://127.0.0.1:1' }]),
  ),
  clientCert: { url: 'https://127.0.0.1:1', clientKey: 'key.pem' },
  clientKey: { url: 'https://127.0.0.1:1', clientCert: 'cert.pem' },
}

test('every key is told, with examples that hold', () => {
  assert.deepEqual([...TOLD_KEYS].sort(), [...SCENARIO_KEYS].sort())
  for (const key of TOLD_KEYS) {
    const { usual, examples } = entryOf(key)
    for (const value of [...(usual === undefined ? [] : [usual]), ...examples]) {
      const scenario = { ...(CONTEXT[key] ?? { clients: 1000 }), [key]: value }
      assert.ok(isValid(scenario), `${key}: ${JSON.stringify(value)}`)
      assert.ok(isTaken(scenario), `${key}: ${JSON.stringify(value)}`)
    }
  }
})

test('the schema accepts what people write', () => {
  for (const scenario of [
    {},
    { $schema: './scenario.schema.json', clients: '10k' },
    { duration: '30s', warmup: 0, rampUp: 'auto', rate: 0.1, channels: 'per-client' },
    { transport: ' sse , websocket', threshold: 'p99<200ms,lost==0' },
    { transport: ['sse', ' websocket'], threshold: ['p99 < 200ms'] },
    { transport: 'WS, Long polling', rate: '20/day' },
    { transport: ['EventSource', 'Short_Polling'] },
    { url: 'http://127.0.0.1:1', rate: 0, target: { WS: { path: '/{channel}' } } },
    { rate: '1/100s', payload: '4KiB', seed: 4_294_967_295 },
    { workload: 'chat', sendRate: '6/min', channels: 100 },
  ]) {
    assert.ok(isValid(scenario), JSON.stringify(scenario))
    assert.ok(isTaken(scenario), JSON.stringify(scenario))
  }
})

test('the schema refuses what is wrong', () => {
  for (const scenario of [
    { cleints: 10 },
    { clients: 0 },
    { clients: 1.5 },
    { clients: '10 k' },
    { clients: '10' },
    { clients: null },
    { clients: [10] },
    { duration: 10 },
    { duration: '10' },
    { duration: '10 seconds' },
    { rampUp: 0 },
    { interval: 5 },
    { rate: -1 },
    { rate: 'often' },
    { channels: 'all' },
    { arrivals: 'random' },
    { payload: 10 },
    { payload: '4Ki' },
    { transport: 'ssee' },
    { transport: ['sse', 'sse'] },
    { transport: [] },
    { threshold: 'p99' },
    { threshold: ['p98<1s'] },
    { backplane: 'redis' },
    { url: 'ws://127.0.0.1' },
    { target: { sse: {} } },
    { target: { sse: { pth: '/x' } } },
    { target: { EventSource: { pth: '/x' } } },
    { target: { sse: { path: '/x', cursor: [] } } },
    { seed: '1' },
    { name: '../x' },
    [],
    null,
  ]) {
    assert.ok(!isValid(scenario), JSON.stringify(scenario))
    assert.ok(!isTaken(scenario), JSON.stringify(scenario))
  }
})

test('the schema is laxer where docs/scenarios.md says so', () => {
  for (const scenario of [
    { hold: '1h' },
    { payload: '1MiB' },
    { clients: '1.0005k' },
    { warmup: '20s', duration: '10s' },
    { clients: 5, threshold: 'p99<1s' },
    { url: 'http://127.0.0.1:99999' },
    { url: 'http://127.0.0.1', rate: 0, target: { sse: { path: 'x' } } },
  ]) {
    assert.ok(isValid(scenario), JSON.stringify(scenario))
    assert.ok(!isTaken(scenario), JSON.stringify(scenario))
  }
})

test('docs/scenarios.md has every key, as it is told elsewhere', () => {
  const rows = [...read('docs/scenarios.md').matchAll(/^\| `(\w+)` +\|(.*)\|$/gm)]
  const found = rows.map(([, key = '', cells = '']) => [
    key,
    ...cells.split('|').map((cell) => cell.trim()),
  ])
  const { properties } = JSON.parse(schemaText())
  const expected = TOLD_KEYS.map((key) => {
    const { description, enum: words } = properties[key]
    const written = /^Expected: (.*)\.$/m.exec(description)?.[1] ?? words?.join(' or ') ?? 'a map'
    return [key, entryOf(key).meaning, written, usualOf(key)]
  })
  assert.deepEqual(found, expected)
})

const digits = fc.constantFrom('0', '1', '5', '10', '007', '1.5', '0.001', '1e3', '-1', '65536', '')
const units = fc.constantFrom(
  ...['', 's', 'ms', 'us', 'm', 'min', 'h', 'k', 'K', 'M', 'B', 'KB', 'kB', 'KiB', 'MiB', 'd', '%'],
)
const quantity = fc
  .tuple(fc.constantFrom('', '', '', ' '), digits, units)
  .map((parts) => parts.join(''))
const rate = fc.tuple(quantity, fc.option(quantity)).map(([a, b]) => (b === null ? a : `${a}/${b}`))
const names = [
  ...['all', 'sse', 'websocket', 'long-poll', 'short-poll', 'ssee', ' sse ', 'sse\t', ''],
  ...['WS', 'Long Polling', 'poll', 'event_source', 'web--socket'],
]
const word = fc.constantFrom(
  ...names,
  ...[
    'auto',
    'per-client',
    'broadcast',
    'poisson',
    'constant',
    'lean',
    'library',
    'memory',
    'ä_1',
    '.x',
  ],
)
const threshold = fc
  .tuple(
    fc.constantFrom('p99', 'lost', 'reach', 'p42', 'cpuUsPerDelivery', 'connected'),
    fc.constantFrom('<', ' <= ', '==', '=', ''),
    fc.oneof(quantity, rate),
  )
  .map((parts) => parts.join(''))
const text = fc.oneof(
  quantity,
  rate,
  word,
  threshold,
  fc.constantFrom('http://127.0.0.1:1/x', 'HTTPS://a', 'http://a?b'),
)
const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    2,
    53,
    64,
    100,
    65_536,
    65_537,
    1e6,
    1e7,
    1e7 + 1,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    0.5,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const statuses = fc.oneof(
  fc.constantFrom<unknown>(200, 304, 199, 600, 'ok'),
  fc.array(fc.constantFrom(200, 204, 99)),
)
const message = fc.constantFrom<unknown>('/x', '/{channel}', '/{id}', 'x', '', '{data}', null, 5)
const cursor = fc.array(
  fc.record(
    {
      from: fc.constantFrom('header Etag', 'field id', 'x'),
      to: fc.constantFrom('query a', 'header X'),
    },
    { requiredKeys: [] },
  ),
)
const endpoint = fc.record(
  {
    path: message,
    headers: fc.constantFrom<unknown>({}, { A: 'b' }, { A: 5 }, null),
    empty: statuses,
    first: fc.constantFrom('answered', 'held', 'x'),
    cursor,
    gap: message,
    subscribe: message,
    resume: message,
    ids: fc.constantFrom<unknown>(['id'], [], 'id'),
    subscribed: message,
    refused: message,
  },
  { requiredKeys: [] },
)
const publish = fc.record(
  {
    method: fc.constantFrom('POST', 'PUT', 'GET'),
    path: message,
    body: message,
    accepted: statuses,
    connections: number,
  },
  { requiredKeys: [] },
)
const target = fc.record(
  { publish, sse: endpoint, longpoll: endpoint, 'long-poll': endpoint, ws: endpoint, x: endpoint },
  { requiredKeys: [] },
)
const scalar = fc.oneof(text, number, fc.constantFrom(null, true, {}))
const value = fc.oneof(scalar, fc.array(fc.oneof(word, threshold, number), { maxLength: 3 }))
/** Sound digits with a unit: most of them are taken. */
const some = (...endings: readonly string[]) =>
  fc
    .tuple(fc.constantFrom('1', '5', '10', '1.5', '007', '0.25'), fc.constantFrom(...endings))
    .map((parts) => parts.join(''))
const time = some('s', 'ms', 'm', 'min', 'h', 'us')
const sound = fc.oneof(
  fc.tuple(
    fc.constantFrom('duration', 'warmup', 'interval', 'hold', 'rampUp'),
    fc.oneof(time, fc.constantFrom(0, '0', '00.0', 'auto')),
  ),
  fc.tuple(
    fc.constantFrom('clients', 'channels', 'repeat', 'workers', 'instances', 'seed'),
    fc.oneof(some('k', 'K', 'M'), fc.integer({ min: 0, max: 2000 }), word),
  ),
  fc.tuple(
    fc.constant('rate'),
    fc.oneof(some('', 'k', '/s', '/min', '/5s', '/0.5h', 'k/m', '/day', '/2weeks'), number),
  ),
  fc.tuple(fc.constant('payload'), some('KiB', 'KB', 'kB', 'B', 'MiB')),
  fc.tuple(fc.constant('threshold'), fc.oneof(threshold, fc.array(threshold, { maxLength: 2 }))),
  fc.tuple(
    fc.constant('transport'),
    fc.oneof(word, fc.array(fc.constantFrom(...names), { maxLength: 3 })),
  ),
  fc.tuple(fc.constantFrom('name', 'description', 'arrivals', 'engine', 'backplane'), word),
)
const entry = fc.oneof(
  { arbitrary: sound, weight: 3 },
  {
    arbitrary: fc.tuple(fc.constantFrom<string>(...SCENARIO_KEYS, 'cleints', '$schema'), value),
    weight: 2,
  },
  { arbitrary: fc.tuple(fc.constant('target'), target), weight: 1 },
)
const scenario = fc.array(entry, { minLength: 1, maxLength: 2 }).map((entries) =>
  Object.fromEntries([
    ...entries,
    ...(entries.some(([key]) => key === 'target')
      ? [
          ['url', 'http://127.0.0.1:1'],
          ['rate', 0],
        ]
      : []),
  ]),
)

test('what the schema refuses, rtbench refuses', () => {
  let taken = 0
  let refused = 0
  fc.assert(
    fc.property(scenario, (given) => {
      const takes = isTaken(given)
      if (takes) taken++
      if (isValid(given)) return
      refused++
      assert.ok(!takes, JSON.stringify(isValid.errors))
    }),
    { numRuns: 4000 },
  )
  // The generator says something on both sides.
  assert.ok(taken > 200 && refused > 1000, `${taken} taken, ${refused} refused`)
})
