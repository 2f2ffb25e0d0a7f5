import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { flagLayer } from '../scenario/layer.ts'
import { planOf } from './plan.ts'
import { absence, measureSeries, type PlannedRun, plannedRuns, type Series } from './series.ts'

const orderOf = (options: Readonly<Record<string, unknown>>): string[] =>
  plannedRuns(planOf([flagLayer(options)])).map(
    ({ name, point, repetition }) => `${repetition} ${name}${point == null ? '' : ` ${point}`}`,
  )

test('every repetition begins with another transport', () => {
  assert.deepEqual(orderOf({ repeat: 2, transport: 'sse,websocket,long-poll' }), [
    '1 sse',
    '1 websocket',
    '1 long-poll',
    '2 websocket',
    '2 long-poll',
    '2 sse',
  ])
})

test('a sweep goes value by value, each repetition from another one', () => {
  const options = { repeat: 2, transport: 'sse,websocket', sweep: 'rate=1,2,3' }
  assert.deepEqual(orderOf(options), [
    '1 sse 1',
    '1 websocket 1',
    '1 sse 2',
    '1 websocket 2',
    '1 sse 3',
    '1 websocket 3',
    '2 websocket 2',
    '2 sse 2',
    '2 websocket 3',
    '2 sse 3',
    '2 websocket 1',
    '2 sse 1',
  ])
})

test('what a value does not concern is measured once a repetition', () => {
  const options = { repeat: 2, sweep: 'interval=500ms,1s', transport: 'short-poll,sse' }
  assert.deepEqual(orderOf(options), [
    '1 short-poll 500',
    '1 sse',
    '1 short-poll 1000',
    '2 short-poll 1000',
    '2 sse',
    '2 short-poll 500',
  ])
})

test('each turn has its scenario, its place and, in a sweep alone, a point', () => {
  const plan = planOf([flagLayer({ sweep: 'interval=500ms,1s', transport: 'short-poll,sse' })])
  const turns = plannedRuns(plan)
  assert.deepEqual(
    turns.map(({ index, scenario, point }) => [index, scenario.intervalMs, point]),
    [
      [0, 500, 500],
      [1, 500, null],
      [2, 1000, 1000],
    ],
  )
  assert.deepEqual(turns.map((turn) => absence(turn, 'why'))[1], {
    transport: 'sse',
    label: 'Server-Sent Events',
    repetition: 1,
    point: null,
    reason: 'why',
  })
  const [bare] = plannedRuns(planOf([flagLayer({ transport: 'sse' })]))
  assert.ok(bare !== undefined)
  assert.equal(bare.point, undefined)
  assert.equal('point' in absence(bare, 'why'), false)
})

const swept = plannedRuns(planOf([flagLayer({ sweep: 'rate=1,2,3', transport: 'sse', repeat: 2 })]))

interface Measured {
  readonly series: Series
  /** `1 2`: repetition and value of each turn that was begun. */
  readonly begun: readonly string[]
  readonly told: readonly Series[]
}

async function measured(
  measure: (turn: PlannedRun, stop: () => void) => string | null,
  turns = swept,
): Promise<Measured> {
  const signal = new AbortController()
  const begun: string[] = []
  const told: Series[] = []
  const measureTurn = async (turn: PlannedRun): Promise<Run> => {
    begun.push(`${turn.repetition} ${turn.point}`)
    const failure = measure(turn, () => signal.abort())
    if (failure !== null) throw new Error(failure)
    return { ...sampleRun('sse'), repetition: turn.repetition, point: turn.point ?? null }
  }
  const series = await measureSeries(turns, measureTurn, {
    signal: signal.signal,
    onRun: async (soFar) => void told.push(soFar),
  })
  return { series, begun, told }
}

const pointsOf = (runs: readonly { repetition: number; point?: number | null | undefined }[]) =>
  runs.map(({ repetition, point }) => `${repetition} ${point}`)

describe('a series', () => {
  it('has all runs, and tells what there is after each', async () => {
    const { series, told } = await measured(() => null)
    assert.deepEqual(pointsOf(series.runs), ['1 1', '1 2', '1 3', '2 2', '2 3', '2 1'])
    assert.deepEqual([series.missing, series.failed, series.failure], [[], [], null])
    assert.deepEqual(
      told.map(({ runs, missing }) => [runs.length, missing.length]),
      [
        [1, 5],
        [2, 4],
        [3, 3],
        [4, 2],
        [5, 1],
        [6, 0],
      ],
    )
    assert.equal(told[0]?.missing[0]?.reason, 'not measured yet')
  })

  it('goes on after a value that fails, and does not try it again', async () => {
    const { series, begun, told } = await measured(({ point }) => (point === 2 ? 'lost' : null))
    assert.deepEqual(begun, ['1 1', '1 2', '1 3', '2 3', '2 1'])
    assert.deepEqual(pointsOf(series.runs), ['1 1', '1 3', '2 3', '2 1'])
    assert.deepEqual(pointsOf(series.failed), ['1 2'])
    assert.deepEqual(
      series.missing.map(({ reason }) => reason),
      ['lost', 'failed at repetition 1'],
    )
    assert.equal(series.failure?.message, 'lost')
    assert.deepEqual(pointsOf(told[1]?.missing ?? []), ['1 2', '2 2', '2 3', '2 1'])
  })

  it('goes on after failures of several kinds, though there is no run yet', async () => {
    const { series } = await measured(({ point }) => (point === 3 ? null : `no ${point}`))
    assert.deepEqual(pointsOf(series.runs), ['1 3', '2 3'])
    assert.equal(series.failure?.message, 'no 1')
  })

  it('ends where nothing was measured and two fail alike', async () => {
    const { series, begun } = await measured(() => 'no server')
    assert.deepEqual(begun, ['1 1', '1 2'])
    assert.equal(series.missing.length, 6)
    assert.equal(series.missing.at(-1)?.reason, 'the runs before it failed')
  })

  it('takes failures for alike that differ by a process or a port', async () => {
    const begun = async (reason: (point: number) => string) =>
      (await measured(({ point }) => reason(10_000 + (point ?? 0)))).begun.length
    assert.equal(await begun((pid) => `a server (process ${pid}) failed`), 2)
    assert.equal(await begun((port) => `no server answers at 127.0.0.1:${port} (EPIPE)`), 2)
    assert.equal(await begun((port) => `no server answers at [::1]:${port}/a (EPIPE)`), 2)
    assert.equal(await begun((value) => `holds for 1s, and --hold is ${value}s`), 3)
  })

  it('ends outside a sweep where the first fails, and goes on where a later one does', async () => {
    const turns = plannedRuns(planOf([flagLayer({ transport: 'sse,websocket,long-poll' })]))
    const failing = async (failed: string) => {
      const { series } = await measured(({ name }) => (name === failed ? 'no' : null), turns)
      return [series.runs.length, series.missing.map(({ transport }) => transport)]
    }
    assert.deepEqual(await failing('sse'), [0, ['sse', 'websocket', 'long-poll']])
    assert.deepEqual(await failing('websocket'), [2, ['websocket']])
  })

  it('ends when it is interrupted, and takes no failure for one then', async () => {
    const stopped = await measured(({ point }, stop) => {
      if (point === 2) stop()
      return null
    })
    assert.deepEqual(stopped.begun, ['1 1', '1 2'])
    assert.deepEqual(pointsOf(stopped.series.runs), ['1 1', '1 2'])
    const failed = await measured(({ point }, stop) => {
      if (point !== 2) return null
      stop()
      return 'killed'
    })
    assert.deepEqual(failed.begun, ['1 1', '1 2'])
    assert.deepEqual([failed.series.failed, failed.series.failure], [[], null])
    assert.ok(failed.series.missing.every(({ reason }) => reason === 'stopped before its turn'))
  })
})
