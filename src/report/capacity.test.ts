import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Capacity, CapacityStep, StepCause } from '../result/capacity.ts'
import type { Result } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { capacityGrid, capacityLine, questionLine, stepLine } from './capacity.ts'
import { markdown } from './markdown.ts'
import { table } from './table.ts'

function step(value: number, p99Us: number, changes: Partial<CapacityStep> = {}): CapacityStep {
  return {
    value,
    phase: 'double',
    kept: true,
    cause: null,
    reasons: [],
    p50Us: 2_100,
    p99Us,
    lost: 0,
    figures: { p99: p99Us },
    verdict: 'valid',
    confirmed: false,
    ...changes,
  }
}

function missed(value: number, cause: StepCause, reason: string, p99Us = 131_071): CapacityStep {
  return step(value, p99Us, { kept: false, cause, reasons: [reason] })
}

function resultOf(changes: Partial<Capacity>): Result & { readonly capacity: Capacity } {
  const capacity: Capacity = {
    search: 'clients',
    unit: 'clients',
    limits: ['p99<100ms'],
    from: 1_000,
    to: 100_000,
    toReason: null,
    precision: 0.1,
    answer: 6_200,
    endedBy: 'limit',
    steps: [
      step(6_200, 79_000),
      missed(6_900, 'limit', 'p99<100ms: p99 was 131.071 ms'),
      step(6_200, 81_000, { phase: 'confirm', confirmed: true }),
    ],
    ...changes,
  }
  const { scenario } = sampleResult()
  const runs = [sampleRun('sse'), sampleRun('sse', { repetition: 2 })]
  return {
    ...sampleResult({ runs, scenario: { ...scenario, clients: 6_200, transports: ['sse'] } }),
    capacity,
  }
}

const kept =
  'sse on this machine: 6,200 clients keep p99<100ms (p99 79 ms, confirmed with p99 81 ms)'

describe('the answer of a search', () => {
  it('has both figures that keep the limit and the one that does not', () => {
    assert.equal(capacityLine(resultOf({})), `${kept}; at 6,900 p99 was 131 ms`)
    const gone = missed(6_900, 'limit', 'p99<100ms: not measured, 9 of 900 deliveries came')
    const steps = [step(6_200, 79_000), { ...gone, figures: { p99: null } }, step(6_200, 81_000)]
    assert.equal(
      capacityLine(resultOf({ steps })),
      `${kept}; at 6,900 p99<100ms: not measured, 9 of 900 deliveries came`,
    )
    const one = resultOf({ answer: 1, steps: [step(1, 79_000), step(1, 81_000)] })
    assert.match(capacityLine(one), /: 1 client keeps p99<100ms \(/)
  })

  const steps = resultOf({}).capacity.steps
  const [first, , again] = steps
  assert.ok(first && again)
  const ends: readonly (readonly [string, Partial<Capacity>, string])[] = [
    [
      'the instrument',
      { steps: [first, missed(6_900, 'instrument', 'slip: 9 ms late'), again] },
      'at 6,900 the instrument ended the search, which is no word on the server (slip: 9 ms late)',
    ],
    [
      'the machine',
      { steps: [first, missed(6_900, 'machine', 'EMFILE'), again] },
      'at 6,900 this machine ended the search, not the server (EMFILE)',
    ],
    [
      'the planner',
      { steps: [first, again], to: 6_200, toReason: 'too few local ports' },
      'more than 6,200 was not tried: too few local ports',
    ],
    ['--to', { steps: [first, again], to: 6_200 }, 'more than 6,200 was not tried (--to)'],
  ]
  for (const [what, changes, end] of ends) {
    it(`says that ${what} ended it`, () => {
      assert.equal(capacityLine(resultOf(changes)), `${kept}; ${end}`)
    })
  }

  it('says so where not even the first value keeps the limit', () => {
    const least = missed(1_000, 'limit', 'p99<100ms: p99 was 131.071 ms')
    assert.equal(
      capacityLine(resultOf({ answer: null, endedBy: 'limit', steps: [least, least] })),
      'sse on this machine: not even 1,000 clients keep p99<100ms: at 1,000 p99 was 131 ms',
    )
  })

  it('is exact where a limit is missed narrowly', () => {
    const narrow = missed(6_900, 'limit', 'p99<100ms: p99 was 100.031 ms', 100_031)
    assert.match(capacityLine(resultOf({ steps: [first, narrow, again] })), /was 100\.031 ms$/)
  })

  it('claims nothing that was not confirmed', () => {
    const interrupted = missed(8_000, 'interrupted', 'stopped early')
    assert.equal(
      capacityLine(resultOf({ answer: null, endedBy: 'interrupted', steps: [first, interrupted] })),
      'sse on this machine: no answer: stopped at 8,000; 6,200 clients kept p99<100ms once, which was not confirmed',
    )
    const lost = missed(1_000, 'lost', 'server-lost: 1 server instance ended early')
    assert.match(
      capacityLine(resultOf({ answer: null, endedBy: 'lost', steps: [lost] })),
      /no answer: at 1,000 a process was lost \(server-lost: [^;]+\)$/,
    )
  })

  it('names every limit, what was lost, and a server elsewhere without its password', () => {
    const figures = { p99: 79_000, connected: 6_200 }
    const twice = [first, again].map((one) => ({ ...one, lost: 12, figures }))
    const result = resultOf({ limits: ['p99<100ms', 'connected>1'], steps: twice })
    const url = 'https://user:secret@example.org'
    const line = capacityLine({ ...result, scenario: { ...result.scenario, url } })
    assert.match(
      line,
      /^sse at https:\/\/\*\*\*@example\.org: 6,200 clients keep p99<100ms and connected>1 \(p99 79 ms, connected 6,200, 12 lost, confirmed/,
    )
  })
})

describe('the steps of a search', () => {
  it('are told one by one', () => {
    const [first, second, third] = resultOf({}).capacity.steps
    assert.ok(first && second && third)
    const unit = { search: 'clients' } as const
    assert.equal(questionLine(unit, third), '6,200 clients once more')
    assert.equal(stepLine(unit, first), '6,200 clients: kept, p50 2.1 ms, p99 79 ms')
    assert.match(stepLine(unit, second), /^6,900 clients: missed, .* \(p99<100ms: p99 was 131/)
    assert.match(stepLine({ search: 'rate' }, third), /^6,200 events\/s a channel: confirmed/)
  })

  it('have a column for each other metric that a limit asks about', () => {
    const figures = { p99: 1_000, reach: 0.999 }
    const { head, rows } = capacityGrid(
      resultOf({ steps: [step(10, 1_000, { figures, verdict: 'suspect' })] }).capacity,
    )
    assert.deepEqual(head, ['Clients', 'p50', 'p99', 'reach', 'Lost', 'Outcome', 'Why'])
    assert.deepEqual(rows, [['10', '2.1 ms', '1 ms', '99.9 %', '0', 'kept, suspect', '']])
  })
})

describe('a report of a search', () => {
  it('is a table of its steps and the answer', () => {
    const text = table.render(resultOf({}), { width: 100 })
    assert.match(
      text,
      /│ +6,900 │ 2\.1 ms │ 131 ms │ +0 │ missed +│ p99<100ms: p99 was 131\.071 ms +│/,
    )
    assert.ok(text.replaceAll('\n', ' ').includes(kept))
    assert.ok(!text.includes('Measure the others') && !text.includes('Repetitions:'))
    assert.ok(text.split('\n').every((line) => line.length <= 100))
  })

  it('keeps to its width whatever the limits ask about, metrics broken into words', () => {
    const figures = {
      bytesPerDelivery: 388,
      deliveriesPerSecond: 1_000,
      cpuUsPerDelivery: 21,
      outOfOrder: 0,
    }
    const steps = [step(6_200, 79_000, { figures, verdict: 'suspect', confirmed: true })]
    const text = table.render(resultOf({ steps }), { width: 120 })
    assert.ok(text.split('\n').every((line) => line.length <= 120))
    for (const word of ['deliveries', 'Second', 'confirmed, suspect']) {
      assert.ok(text.includes(` ${word} `), word)
    }
  })

  it('has the figures of the answer in Markdown, too', () => {
    const text = markdown.render(resultOf({}))
    for (const part of [
      '| 6,900 | 2.1 ms | 131 ms | 0 | missed | p99&lt;100ms: p99 was 131.071 ms |',
      '**sse on this machine: 6,200 clients keep',
      '## Figures at 6,200 clients',
      '| Push latency p99 |',
    ]) {
      assert.ok(text.includes(part), part)
    }
  })
})

describe('a step that cannot tell', () => {
  const reason =
    'p99<100ms: p99 was 80 to 120 ms, since the workers had more to read than they could'
  const lowerBounds = { p50: 1_000, p99: 80_000 }
  const open = step(6_900, 120_000, {
    kept: false,
    cause: 'untold',
    reasons: [reason],
    lowerBounds,
  })

  it('leaves the limit between what was kept and what was missed', () => {
    const kept = [step(6_200, 79_000), step(6_200, 81_000, { phase: 'confirm', confirmed: true })]
    const of = (...steps: readonly CapacityStep[]): string =>
      capacityLine(resultOf({ endedBy: 'untold', steps: [...kept, open, ...steps] }))
    assert.ok(
      of().includes(
        `; at 6,900 it cannot be told (${reason}); nothing above it was missed for certain`,
      ),
    )
    const missedAt = missed(8_000, 'limit', 'p99<100ms: p99 was 131.071 ms')
    assert.match(
      of(missedAt),
      /the least that was missed for certain is 8,000, so that the limit is below that$/,
    )
  })

  it('is shown with both bounds', () => {
    const { rows } = capacityGrid(resultOf({ steps: [open] }).capacity)
    assert.deepEqual(rows, [['6,900', '1–2.1 ms', '80–120 ms', '0', 'cannot tell', reason]])
  })
})
