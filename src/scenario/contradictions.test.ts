import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileLayer } from './file-layer.ts'
import { linesOf } from './refusal.conformance.ts'
import { resolveScenario } from './usual.conformance.ts'

const transportNames = ['short-poll', 'sse']

function refused(text: string): readonly string[] {
  return linesOf(() =>
    resolveScenario([fileLayer('x.yaml', text)], {
      transportNames,
      randomSeed: () => 1,
      hasExchanges: (name) => name === 'short-poll',
    }),
  )
}

const target = `url: http://127.0.0.1:9
channels: 1
target:
  publish: { path: /publish }
  sse: { path: /events }
`

describe('a front', () => {
  it('stands before nobody else’s server', () => {
    assert.deepEqual(refused('url: http://127.0.0.1:9\nfront: nginx'), [
      'x.yaml:2:8 front: nginx stands before instances that rtbench starts, and the server at http://127.0.0.1:9 is started by somebody else; expected none, or no url',
    ])
    assert.deepEqual(refused('url: http://127.0.0.1:9\nfront: none'), ['was accepted'])
  })

  it('is there where something is to be chosen', () => {
    assert.deepEqual(refused('balance: cookie'), [
      'x.yaml:1:10 balance: cookie is how a front chooses, and there is none; expected a front, such as haproxy',
    ])
    assert.deepEqual(refused('front: haproxy\nbalance: hash'), ['was accepted'])
    assert.match(
      refused('front: hapoxy')[0] ?? '',
      /did you mean haproxy\?; expected none or haproxy or nginx$/,
    )
  })
})

describe('a threshold that no run can keep', () => {
  it('asks about requests of who makes none', () => {
    assert.deepEqual(refused('transport: [short-poll, sse]\nthreshold: [lost==0, emptyRatio<5%]'), [
      'x.yaml:2:22 threshold[1]: "emptyRatio<5%" asks about requests, of which sse makes none; expected transports that poll',
    ])
    assert.deepEqual(refused('transport: short-poll\nthreshold: emptyRatio<5%'), ['was accepted'])
  })

  it('asks a described server for its own account', () => {
    for (const threshold of [
      'cpuUsPerDelivery<10ms',
      'serviceLatency.p50Us<1s',
      'clients.held.mean>=1',
      'spent.acceptUs<1ms',
    ]) {
      const [line = '', ...more] = refused(`${target}threshold: ${threshold}`)
      assert.match(
        line,
        /^x\.yaml:6:\d+ threshold\S*: ".*" asks for what a described server does not/,
      )
      assert.deepEqual(more, [])
      assert.deepEqual(refused(`threshold: ${threshold}`), ['was accepted'])
    }
    assert.deepEqual(refused(`${target}threshold: p50<1s`), ['was accepted'])
  })
})

describe('a chat', () => {
  it('is told where clients do not send, and where nobody says how', () => {
    for (const [text, line] of [
      ['sendRate: 1', /^x\.yaml:1:\d+ sendRate: .*expected workload: chat, or rate$/],
      ['workload: chat\nrate: 3', /^x\.yaml:2:\d+ rate: 3 a channel .*expected sendRate/],
      ['workload: chat\nengine: library', /^x\.yaml:2:\d+ engine: library clients do not send; /],
      [`workload: chat\n${target}`, /^x\.yaml:1:\d+ workload: chat needs to know how clients send/],
      [
        'workload: chat\nclients: 100k\nchannels: 1',
        /^x\.yaml:3:\d+ channels: .*40,000 MB to audit/,
      ],
      ['workload: chat\nsendRate: 0', /^x\.yaml:2:\d+ sendRate: 0 is not above 0; /],
      ['workload: talk', /^x\.yaml:1:\d+ workload: "talk" /],
      [
        'threshold: chat.sent>1',
        /^x\.yaml:1:\d+ threshold.*they send nothing; expected workload: chat$/,
      ],
    ] as const) {
      const lines = refused(text)
      assert.equal(lines.length, 1, lines.join('\n'))
      assert.match(lines[0] ?? '', line)
    }
  })

  it('has rooms of ten, and as many events a channel as its members send', () => {
    const resolve = (text: string) =>
      resolveScenario([fileLayer('x.yaml', text)], { transportNames, randomSeed: () => 1 })
    const { channels, rate, sendRate } = resolve('workload: chat\nclients: 1000\nsendRate: 6/min')
    assert.deepEqual([channels, rate, sendRate], [100, 1, 0.1])
    assert.equal(resolve('workload: chat\nclients: 30\nchannels: 3\nsendRate: 0.03').rate, 0.3)
    assert.equal(resolve('workload: chat\nchannels: per-client\nsendRate: 2').rate, 2)
    // As it is asked for and as it is come to.
    assert.equal(
      resolve('workload: chat\nclients: 30\nchannels: 3\nsendRate: 0.03\nrate: 0.3').rate,
      0.3,
    )
  })
})
