import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Candidate, choose } from './choice.ts'

interface Costs {
  readonly cores?: number
  readonly bytesPerSecond?: number
  readonly memory?: number
  readonly complexityGrade?: number
  readonly latencyUs?: number
  readonly bidirectional?: boolean
  readonly cpuFactor?: number
}

function candidate(transport: string, costs: Costs = {}): Candidate {
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
    latencyUs: costs.latencyUs ?? 1_000,
    latencyLowerUs: costs.latencyUs ?? 1_000,
    estimate: {
      requestsPerUserPerDay: 0,
      bytesPerSecond: costs.bytesPerSecond ?? 1e6,
      bytesPerUserPerDay: 0,
      bytesAtLeast: false,
      heldConnections: 0,
      openSockets: 0,
      fixedCpuKnown: false,
      cpuFactor: costs.cpuFactor ?? 1,
      loadFactor: 1,
      messagesFactor: null,
      serverCores: costs.cores ?? 1,
      serverMemoryBytes: costs.memory ?? 1e9,
    },
  }
}

const wanted = { percentile: 'p99', latencyUs: 100_000 } as const

/** Who is chosen, then each criterion with whom it left behind. */
const answer = (candidates: readonly Candidate[], chatty = false): readonly string[] => {
  const { chosen, decided } = choose(candidates, {
    clientToServer: chatty ? 'chatty' : 'none',
    wanted,
  }) ?? { chosen: null, decided: [] }
  return [chosen?.transport ?? '', ...decided.map(({ by, against }) => `${by} ${against}`)]
}

describe('the choice', () => {
  const two: readonly (readonly [string, Costs, Costs, string])[] = [
    ['less CPU', { cores: 1 }, { cores: 2 }, 'cpu'],
    ['less bandwidth', { bytesPerSecond: 1e6 }, { bytesPerSecond: 2e6 }, 'bandwidth'],
    ['less memory', { memory: 1e9 }, { memory: 2e9 }, 'memory'],
    ['the simpler one', { complexityGrade: 1 }, { complexityGrade: 1.5 }, 'complexity'],
    ['the faster one', { latencyUs: 900 }, { latencyUs: 1_000 }, 'latency'],
    ['CPU before bandwidth', { cores: 1, bytesPerSecond: 9e6 }, { cores: 2 }, 'cpu'],
    [
      'nobody for a tenth, or for what is next to nothing',
      { cores: 1.05, bytesPerSecond: 1.05e6, memory: 1.05e9, complexityGrade: 0 },
      {},
      'complexity',
    ],
    [
      'the faster one of two that cost about the same, though it is less simple',
      { latencyUs: 5_000, complexityGrade: 2 },
      { latencyUs: 90_000, complexityGrade: 0 },
      'latency',
    ],
    [
      'the simpler one, where the other is faster by less than a tenth of what is wanted',
      { latencyUs: 14_000, complexityGrade: 0 },
      { latencyUs: 5_000, complexityGrade: 2 },
      'complexity',
    ],
    [
      'less CPU before the faster one',
      { cores: 1, latencyUs: 90_000 },
      { cores: 2, latencyUs: 5_000 },
      'cpu',
    ],
    [
      'the simplest where all costs are small',
      { cores: 0.09, bytesPerSecond: 90_000, memory: 1e8, complexityGrade: 0 },
      { cores: 0.001, bytesPerSecond: 100, memory: 1e6, complexityGrade: 1 },
      'complexity',
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

  it('was decided by all that left others behind, each by the nearest of them', () => {
    const candidates = [
      candidate('dearest', { cores: 19 }),
      candidate('dear', { cores: 9 }),
      candidate('wide', { bytesPerSecond: 3e6 }),
      candidate('taken'),
    ]
    assert.deepEqual(answer(candidates), ['taken', 'cpu dear', 'bandwidth wide'])
  })

  it('of chatty clients is who carries both ways, though it costs more', () => {
    const candidates = [candidate('cheap'), candidate('both', { cores: 5, bidirectional: true })]
    assert.deepEqual(answer(candidates, true), ['both', 'bidirectional cheap'])
    assert.deepEqual(answer(candidates, false), ['cheap', 'cpu both'])
    assert.deepEqual(answer([candidate('cheap')], true), ['cheap'])
  })

  it('is not by CPU where a load far beyond the run scales what does not grow with it', () => {
    const wide = (cpuFactor: number) =>
      candidate('wide', { cores: 0.9, bytesPerSecond: 4e6, cpuFactor })
    const narrow = candidate('narrow', { cores: 1.4, bytesPerSecond: 5e5 })
    assert.deepEqual(answer([wide(10), narrow]), ['wide', 'cpu narrow'])
    assert.deepEqual(answer([wide(11), narrow]), ['narrow', 'bandwidth wide'])
  })

  it('of one is that one, of equals the first, and of nobody none', () => {
    assert.deepEqual(answer([candidate('one')]), ['one'])
    assert.deepEqual(answer([candidate('a'), candidate('b')]), ['a'])
    assert.equal(choose([], { clientToServer: 'none', wanted }), null)
  })
})
