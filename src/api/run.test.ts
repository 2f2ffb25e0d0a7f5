import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { resultSchema } from '../result/document.ts'
import { CATALOGUE } from '../scenario/catalogue.ts'
import type { ScenarioKey } from '../scenario/keys.ts'
import { type Progress, run, type Scenario } from './run.ts'

const small = {
  transport: 'sse',
  clients: 3,
  rate: 5,
  duration: '600ms',
  warmup: 0,
  seed: 1,
} as const

function isCoded(code: string, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof RtbenchError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, pattern)
    return true
  }
}

describe('run', { concurrency: 3 }, () => {
  it('measures, tells of it, and leaves the program alone', async () => {
    const before = ['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) =>
      process.listenerCount(name),
    )
    // Of what fails beside it in this process it may be 1.
    const { exitCode } = process
    const told: Progress[] = []
    const results: number[] = []
    const result = await run(
      { ...small, repeat: 2 },
      {
        onProgress: (progress) => told.push(progress),
        onResult: ({ runs }) => {
          results.push(runs.length)
        },
      },
    )
    assert.equal(resultSchema.safeParse(result).success, true)
    assert.deepEqual(
      result.runs.map(({ transport, repetition }) => [transport, repetition]),
      [
        ['sse', 1],
        ['sse', 2],
      ],
    )
    assert.deepEqual(result.missing, [])
    assert.deepEqual(results, [1, 2])
    assert.ok(told.some(({ phase, runIndex }) => phase === 'steady' && runIndex === 1))
    assert.equal(process.exitCode, exitCode)
    assert.deepEqual(
      ['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) => process.listenerCount(name)),
      before,
    )
  })

  it('measures a sweep', async () => {
    const result = await run({
      ...small,
      transport: ['short-poll', 'sse'],
      sweep: { interval: ['50ms', '100ms'] },
    })
    assert.deepEqual(result.sweep, { key: 'interval', unit: 'ms', values: [50, 100] })
    assert.deepEqual(
      result.runs.map(({ transport, point }) => [transport, point]),
      [
        ['short-poll', 50],
        ['sse', null],
        ['short-poll', 100],
      ],
    )
  })

  it('refuses a wrong scenario as a file is refused, and says where', async () => {
    const wrong = { cleints: 5, clients: 0, transport: ['sse', 'carrier'], rate: undefined }
    await assert.rejects(
      run(wrong as object),
      isCoded(
        'usage',
        /^scenario\.transport\[1\]: "carrier" is not a transport.*\nscenario\.clients: 0 is below 1;.*\nscenario\.cleints: unknown key, did you mean clients\?/,
      ),
    )
    for (const none of ['file.yaml', null, []]) {
      await assert.rejects(run(none as object), isCoded('usage', /^scenario: is not an object/))
    }
    await assert.rejects(run({ sweep: { rate: [1, 'x'] } }), isCoded('usage', /^scenario\.sweep/))
    await assert.rejects(
      run({ url: 'http://192.0.2.1:8080' }),
      isCoded('usage', /is not this machine/),
    )
  })

  it('that is aborted before it begins has nothing', async () => {
    const signal = AbortSignal.abort()
    await assert.rejects(run(small, { signal }), isCoded('interrupted', /^stopped before/))
  })

  it('that is aborted on its way has what there is, and says what is missing', async () => {
    const stop = new AbortController()
    const { runs, missing } = await run(
      { ...small, repeat: 3 },
      { signal: stop.signal, onResult: () => stop.abort() },
    )
    assert.equal(runs.length, 1)
    assert.deepEqual(
      missing.map(({ repetition, reason }) => [repetition, reason]),
      [
        [2, 'stopped before its turn'],
        [3, 'stopped before its turn'],
      ],
    )
  })

  it('throws again what a callback throws, when all is over', async () => {
    const failure = new Error('mine')
    const onProgress = ({ phase }: Progress): void => {
      if (phase === 'steady') throw failure
    }
    await assert.rejects(run(small, { onProgress }), failure)
    const onResult = async (): Promise<void> => {
      throw failure
    }
    await assert.rejects(run(small, { onResult }), failure)
  })
})

type Difference = Exclude<ScenarioKey, keyof Scenario> | Exclude<keyof Scenario, ScenarioKey>

test('has every key of a scenario file, and none that it has not', () => {
  // It is the compiler that says so.
  const same: [Difference] extends [never] ? true : Difference = true
  assert.ok(same)
})

test('takes what the examples of a file say, and no figure without its unit', () => {
  const scenario: Scenario = {
    clients: '10k',
    duration: '30s',
    warmup: 0,
    channels: 'per-client',
    arrivals: 'constant',
    target: { sse: { path: '/x' } },
    sweep: { interval: ['500ms', '1s'] },
    threshold: ['p99<200ms'],
    seed: 1,
  }
  // @ts-expect-error a duration has a unit
  const unitless: Scenario = { duration: 30 }
  // @ts-expect-error what is no number is not swept
  const swept: Scenario = { sweep: { arrivals: ['poisson', 'constant'] } }
  for (const key of [scenario, unitless, swept].flatMap((one) => Object.keys(one))) {
    assert.ok(key in CATALOGUE, key)
  }
})
