import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFromPublisher, isFromWorker } from './heard.ts'
import { noCounts } from './messages.ts'
import { reportOf, settlementOf, snapshotOf } from './snapshot.conformance.ts'

const snapshot = snapshotOf({ live: 1, errors: { ECONNRESET: 1 } })
const loop = { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 }
const report = reportOf({ published: 1, due: 1, accepted: 1, slipMaxUs: 5 })

describe('a message of a worker', () => {
  it('is heard', () => {
    for (const message of [
      { type: 'ramped' },
      { type: 'snapshot', snapshot: { ...snapshot, second: 3 } },
      { type: 'window-start', snapshot },
      { type: 'window-end', snapshot, loop },
      {
        ...{ type: 'settled', snapshot, settlement: settlementOf({ expected: 2, lost: 1 }) },
        outages: [
          { client: 1, cause: 'silent', noticedAtNs: 5, backAtNs: null, attempts: 2, bytes: null },
        ],
      },
      {
        ...{ type: 'disrupted', index: 0 },
        ...{ clients: Uint32Array.of(1), ports: Uint32Array.of(80) },
      },
    ]) {
      assert.equal(isFromWorker(message), true, message.type)
    }
  })

  const { cpuUs: _, ...fewer } = noCounts()
  for (const [name, message] of [
    ['nothing', null],
    ['a text', 'ramped'],
    ['of another type', { type: 'greeting' }],
    ['without its snapshot', { type: 'snapshot' }],
    ['without a counter', { type: 'snapshot', snapshot: { ...snapshot, counts: fewer } }],
    [
      'with a counter that is none',
      { type: 'snapshot', snapshot: { ...snapshot, live: Number.NaN } },
    ],
    [
      'with samples that are none',
      { type: 'snapshot', snapshot: { ...snapshot, latenciesUs: [1] } },
    ],
    [
      'with less than nothing',
      { type: 'settled', snapshot, settlement: settlementOf({ expected: 2, lost: -1 }) },
    ],
  ] as const) {
    it(`is not heard: ${name}`, () => {
      assert.equal(isFromWorker(message), false)
    })
  }
})

describe('a message of the publisher', () => {
  it('is heard', () => {
    assert.equal(isFromPublisher({ type: 'ready' }), true)
    assert.equal(isFromPublisher({ type: 'published', report }), true)
  })

  it('is not heard where it lacks something, or is something else', () => {
    const { perSecond: _, ...fewer } = report
    assert.equal(isFromPublisher({ type: 'published', report: fewer }), false)
    assert.equal(isFromPublisher({ type: 'published', report: { ...report, due: '1' } }), false)
    assert.equal(isFromPublisher({ type: 'listening', ports: [1] }), false)
  })
})
