import { RtbenchError } from '../error.ts'
import { conduct } from '../experiment/experiment.ts'
import { planOf } from '../experiment/plan.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { objectLayer } from '../scenario/layer.ts'
import type { WrittenScenario } from '../scenario/scenario.ts'
import type { SweepKey } from '../scenario/sweep.ts'
import type { Quantity } from '../scenario/values.ts'

export interface RunOptions {
  /** Aborting it ends the run under way early and leaves out those to come. */
  readonly signal?: AbortSignal
  /** Told how it goes. */
  readonly onProgress?: (progress: Progress) => void
  /** Told after each run what there is by then; the next one waits for it. */
  readonly onResult?: (result: Result) => void | Promise<void>
  /** Of the server at the scenario's `url`. */
  readonly token?: string
  /** Lets `url` name another machine. */
  readonly allowRemote?: boolean
}

/**
 * Measures a scenario with processes of its own, as `rtbench run` does. Writes no file, nothing on
 * stdout, and neither listens to signals nor sets an exit code. The result has every run that was
 * measured; one that was not, since `signal` was aborted or something failed, is in its `missing`,
 * with the reason.
 *
 * @throws RtbenchError `usage`: the scenario is wrong, one line a problem; `cannot-run`: nothing
 *   could be measured; `interrupted`: `signal` was aborted before anything was measured
 */
export async function run(scenario: Scenario, options: RunOptions = {}): Promise<Result> {
  // Who writes no types gives a path, or nothing; `{}` alone asks for the defaults.
  if (typeof scenario !== 'object' || scenario === null || Array.isArray(scenario)) {
    throw new RtbenchError(
      'usage',
      'scenario: is not an object; expected one such as { clients: 500 }',
    )
  }
  const plan = planOf([objectLayer({ ...scenario }, 'scenario')])
  const environment = await readEnvironment()
  const stop = new AbortController()
  const { signal = stop.signal, onProgress = () => {}, onResult = () => {} } = options
  /** What a callback threw: to throw it where it was called would end the program. */
  const thrown: unknown[] = []
  const { result, failure } = await conduct(plan, {
    environment,
    token: options.token ?? null,
    allowRemote: options.allowRemote ?? false,
    signal: AbortSignal.any([signal, stop.signal]),
    progress: {
      note: () => {},
      update: (progress) => {
        try {
          onProgress(progress)
        } catch (error) {
          thrown.push(error)
          stop.abort()
        }
      },
    },
    onResult: async (soFar) => onResult(soFar),
  })
  if (thrown.length > 0) throw thrown[0]
  if (result !== null) return result
  throw failure ?? new RtbenchError('interrupted', 'stopped before anything was measured')
}

/** What a live run tells: once a second, and at the beginning of each phase. */
export interface Progress {
  /** `sse`, in a sweep `short-poll at interval=500ms`. */
  readonly transport: string
  /** `Server-Sent Events` */
  readonly label: string
  readonly repetition: number
  readonly phase: 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  /** Clients subscribed now, of so many. */
  readonly connected: number
  readonly clients: number
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
  /** Of all runs together. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs. */
  readonly runIndex: number
  readonly runCount: number
}

type Swept = { readonly [Key in SweepKey]?: readonly Quantity[] }

/**
 * What is to be measured: the keys of a scenario file, each with the same default, the same units
 * and the same check. Variables of the environment do not count.
 */
export type Scenario = {
  readonly [Key in keyof WrittenScenario]: Key extends 'sweep'
    ? string | Swept
    : WrittenScenario[Key]
}
