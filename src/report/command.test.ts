import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Capacity } from '../result/capacity.ts'
import { sampleResult } from '../result/sample.conformance.ts'
import { commandOf } from './command.ts'

test('composes the command that measures again', () => {
  const { scenario } = sampleResult()
  assert.equal(
    commandOf({ scenario }),
    'rtbench run --transport short-poll,long-poll,sse,websocket --clients 1000 --duration 10s ' +
      '--warmup 2s --channels per-client --rate 0.1 --arrivals poisson --payload 128 ' +
      '--interval 1s --hold 30s --seed 42',
  )
})

test('names what is not the default, quotes for a shell and keeps passwords out', () => {
  const scenario = {
    ...sampleResult().scenario,
    durationMs: 1_500,
    rampUpMs: 5_000,
    channels: 1,
    intervalMs: 0,
    engine: 'library' as const,
    instances: 2,
    workers: 3,
    repeat: 5,
    url: 'http://user:secret@127.0.0.1:8080/a b',
    backplane: 'redis://:secret@127.0.0.1',
    thresholds: ['p99<200ms', "it's"],
  }
  const command = commandOf({ scenario })
  assert.doesNotMatch(command, /secret/)
  for (const part of [
    '--duration 1500ms',
    '--ramp-up 5s',
    '--channels 1 ',
    '--interval 0 ',
    '--engine library --instances 2 --workers 3',
    "--url 'http://***@127.0.0.1:8080/a b'",
    "--threshold 'p99<200ms'",
    "--threshold 'it'\\''s'",
    '--repeat 5',
  ]) {
    assert.ok(command.includes(part), `${part} in ${command}`)
  }
})

test('allows a host that is not this machine', () => {
  const { scenario } = sampleResult()
  const allows = (url: string): boolean =>
    commandOf({ scenario: { ...scenario, url } }).includes(' --allow-remote ')
  for (const url of ['http://10.0.0.7:8080', 'https://127.example.org/x', 'http://[fe80::1]']) {
    assert.ok(allows(url), url)
  }
  for (const url of ['http://127.0.0.1:8080', 'http://localhost/app', 'http://[::1]:80']) {
    assert.ok(!allows(url), url)
  }
})

test('names a file where a server was described, which no flag can', () => {
  const { scenario } = sampleResult()
  const target = { publish: null, endpoints: { sse: { path: '/{channel}' } } }
  const command = commandOf({ scenario: { ...scenario, url: 'http://127.0.0.1:1', target } })
  assert.match(
    command,
    /^rtbench run SCENARIO\.yaml --transport .* --seed 42 {2}# SCENARIO\.yaml: /,
  )
  assert.equal(commandOf({ scenario: { ...scenario, target: null } }), commandOf({ scenario }))
})

test('searches again what was searched', () => {
  const { scenario } = sampleResult()
  const capacity: Capacity = {
    search: 'clients',
    unit: 'clients',
    limits: ['p99<100ms', 'lost==0'],
    from: 500,
    to: 20_000,
    toReason: null,
    precision: 0.125,
    answer: 1_000,
    endedBy: 'limit',
    steps: [],
  }
  const ofAnswer = { ...scenario, transports: ['sse'], repeat: 2, thresholds: capacity.limits }
  const clients = commandOf({ scenario: ofAnswer, capacity })
  assert.match(clients, /^rtbench capacity --transport sse --duration 10s .* --rate 0\.1 /)
  assert.match(
    clients,
    / --limit 'p99<100ms' --limit lost==0 --from 500 --to 20000 --precision 12\.5% --seed 42$/,
  )
  assert.doesNotMatch(clients, /--clients|--repeat|--threshold/)
  const rate = commandOf({
    scenario: ofAnswer,
    capacity: { ...capacity, search: 'rate', from: 0.5 },
  })
  assert.match(rate, / --clients 1000 .* --search rate .* --from 0\.5 /)
  assert.doesNotMatch(rate, /--rate/)
})
