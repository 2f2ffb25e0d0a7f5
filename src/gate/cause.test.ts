import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExitCode } from '../cli/exit-code.ts'
import type { Check } from '../report/check.ts'
import { sampleCheck } from '../report/sample-check.conformance.ts'
import { causeOf } from './cause.ts'
import type { Gated } from './gate.ts'

function gated(code: ExitCode, ...checks: readonly Partial<Check>[]): Gated {
  const all = checks.map(sampleCheck)
  const suite = { name: 'chat', file: null, startedAt: '', durationMs: 0, checks: all }
  return { candidate: null, suite, notes: [], code }
}

test('the cause of an exit code, by what decided it', () => {
  const lost = gated(ExitCode.threshold, { outcome: 'failed' }, { name: 'Bytes' })
  const late = gated(ExitCode.invalid, { name: 'validity of main', outcome: 'errored' })
  const many = gated(
    ExitCode.threshold,
    ...['a', 'b', 'c', 'd', 'e'].map((name): Partial<Check> => ({ name, outcome: 'failed' })),
  )
  const cases: readonly (readonly [ExitCode, readonly Gated[], string | null])[] = [
    [ExitCode.done, [gated(ExitCode.done, {})], null],
    [
      ExitCode.threshold,
      [lost],
      'exit code 3: regressed, or a threshold was missed (chat, WebSocket: Lost)',
    ],
    [
      ExitCode.invalid,
      [lost, late],
      'exit code 4: a measurement is invalid, or does not tell (chat, WebSocket: validity of main)',
    ],
    [
      ExitCode.threshold,
      [many],
      'exit code 3: regressed, or a threshold was missed (chat, WebSocket: a; chat, WebSocket: b; chat, WebSocket: c; 2 more)',
    ],
    [
      ExitCode.partial,
      [
        gated(
          ExitCode.partial,
          { name: 'validity', outcome: 'errored', verdict: 'invalid' },
          { transport: 'SSE', name: 'validity', outcome: 'errored', verdict: 'partial' },
        ),
      ],
      'exit code 5: a run is partial or was not measured (chat, SSE: validity)',
    ],
    [ExitCode.notWritten, [lost], 'exit code 6: something could not be written'],
  ]
  for (const [code, all, cause] of cases) assert.equal(causeOf(code, all), cause)
})
