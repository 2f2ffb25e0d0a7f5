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
