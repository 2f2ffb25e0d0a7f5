import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Amount } from '../result/advice.ts'
import { type Candidate, choose } from './choice.ts'

interface Costs {
  readonly cores?: Amount | null
  readonly bytes?: Amount
  readonly memory?: Amount
  readonly complexityGrade?: number
  readonly latencyUs?: readonly [number, number]
  readonly bidirectional?: boolean
}

/** Known but for a share in both directions. */
function about(value: number, share = 0.01): Amount {
  return { value, low: value * (1 - share), high: value * (1 + share), error: share, runs: 4 }
}

function candidate(transport: string, costs: Costs = {}): Candidate {
  const [latencyLowerUs, latencyUs] = costs.latencyUs ?? [1_000, 1_000]
  return {
    transport,
    label: transport,
    complexity: 'low',
    complexityGrade: costs.complexityGrade ?? 1,
    bidirectional: costs.bidirectional ?? false,
    status: 'suitable',
    stretches: [],
    intervalTooShort: false,
    reasons: [],
    evidence: null,
    intervalMs: null,
    latencyUs,
    latencyLowerUs,
    estimate: {
      requestsPerUserPerDay: 0,
      bytesPerSecond: costs.bytes ?? about(1e6),
      bytesPerUserPerDay: 0,
      heldConnections: 0,
      openSockets: 0,
      serverCores: costs.cores === undefined ? about(1) : costs.cores,
      serverMemoryBytes: costs.memory ?? about(1e9),
    },
  }
}

interface Asked {
  readonly chatty?: boolean
  readonly prefer?: string
}

/** Who is left; what left whom behind, with `!` of an opinion and `?` by little; what is open. */
function answer(candidates: readonly Candidate[], { chatty = false, prefer }: Asked = {}) {
  const clientToServer = chatty ? 'chatty' : 'none'
  const { among, decided, untold } = choose(candidates, { clientToServer }, prefer)
  return [
    among.map(({ transport }) => transport).join(' '),
    ...decided.map(({ by, against, isOpinion, isByLittle }) =>
      [by, isOpinion ? '!' : '', isByLittle ? '?' : '', ' ', against].join(''),
    ),
    ...untold.map(({ by, pair }) => `${by} ${pair.join('=')}`),
  ]
}

describe('the choice', () => {
  const two: readonly (readonly [string, Costs, Costs, string])[] = [
    ['less CPU', { cores: about(1) }, { cores: about(2) }, 'cpu'],
    ['less bandwidth', { bytes: about(1e6) }, { bytes: about(2e6) }, 'bandwidth'],
    ['less memory', { memory: about(1e9) }, { memory: about(2e9) }, 'memory'],
    ['CPU before bandwidth', { cores: about(1), bytes: about(9e6) }, { cores: about(2) }, 'cpu'],
    ['the simpler one of equals', { complexityGrade: 1 }, { complexityGrade: 1.5 }, 'complexity!'],
    [
      'the simplest where all costs are small, however much they differ',
      { cores: about(0.09), bytes: about(9e4), memory: about(1e8), complexityGrade: 0 },
      { cores: about(0.001), bytes: about(100), memory: about(1e6), complexityGrade: 1 },
      'complexity!',
    ],
    [
      'who is shown to cost less, by whatever: it is said',
      { cores: about(1, 0.05) },
      { cores: about(1.15, 0.05), complexityGrade: 0 },
      'cpu?',
    ],
  ]
  for (const [what, better, worse, by] of two) {
    it(`takes ${what}`, () => {
      const one = candidate('better', better)
      const other = candidate('worse', worse)
      assert.deepEqual(answer([one, other]), ['better', `${by} worse`])
      assert.deepEqual(answer([other, one]), ['better', `${by} worse`])
    })
  }

  it('is none of two that cannot be told apart, and no preference changes that', () => {
    const one = candidate('one', { cores: about(1, 0.3), complexityGrade: 0 })
    const other = candidate('other', { cores: about(1.1, 0.3) })
    const dear = candidate('dear', { cores: about(9) })
    for (const prefer of ['simple', 'fast', 'cheap', 'other']) {
      const told = answer([one, other, dear], { prefer })
      assert.deepEqual(told, ['one other', 'cpu dear', 'cpu one=other'], prefer)
    }
  })

  it('is by bandwidth where CPU does not tell', () => {
    const wide = candidate('wide', { cores: about(1, 0.3), bytes: about(9e6) })
    const narrow = candidate('narrow', { cores: about(1.1, 0.3) })
    assert.deepEqual(answer([wide, narrow]), ['narrow', 'bandwidth wide'])
  })

  it('has nobody who costs what is not known', () => {
    const unknown = candidate('unknown', { cores: null, complexityGrade: 0 })
    assert.deepEqual(answer([unknown, candidate('known')]), ['unknown known', 'cpu unknown=known'])
  })

  it('of equals is what is preferred, as an opinion', () => {
    const equals = [
      candidate('simple', { complexityGrade: 0, latencyUs: [9_000, 9_900] }),
      candidate('fast', { complexityGrade: 2, latencyUs: [900, 990] }),
      candidate('cheap', { complexityGrade: 3, latencyUs: [8_000, 9_000], bytes: about(0.97e6) }),
    ]
    assert.deepEqual(answer(equals), ['simple', 'complexity! fast'])
    assert.deepEqual(answer(equals, { prefer: 'fast' }), ['fast', 'latency! cheap'])
    assert.deepEqual(answer(equals, { prefer: 'cheap' }), ['cheap', 'bandwidth! simple'])
  })

  it('is who is named, unless that is shown to cost more', () => {
    const named = candidate('named', { complexityGrade: 3 })
    const other = candidate('other')
    assert.deepEqual(answer([other, named], { prefer: 'named' }), ['named', 'preferred! other'])
    const dear = candidate('named', { cores: about(3) })
    assert.deepEqual(answer([other, dear], { prefer: 'named' }), ['other', 'cpu named'])
  })

  it('of chatty clients is who carries both ways, as an opinion, unless the cheapest is wanted', () => {
    const candidates = [
      candidate('cheap'),
      candidate('both', { cores: about(5), bidirectional: true }),
    ]
    assert.deepEqual(answer(candidates, { chatty: true }), ['both', 'bidirectional! cheap'])
    assert.deepEqual(answer(candidates, { chatty: true, prefer: 'cheap' }), ['cheap', 'cpu both'])
    assert.deepEqual(answer(candidates), ['cheap', 'cpu both'])
    assert.deepEqual(answer([candidate('cheap')], { chatty: true }), ['cheap'])
  })

  it('of one is that one, of equals the first, and of nobody none', () => {
    assert.deepEqual(answer([candidate('one')]), ['one'])
    assert.deepEqual(answer([candidate('a'), candidate('b')]), ['a'])
    assert.deepEqual(answer([]), [''])
  })
})
