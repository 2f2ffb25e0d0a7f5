import { RtbenchError } from '../error.ts'
import { conduct } from '../experiment/experiment.ts'
import { planOf } from '../experiment/scenario-sources.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { objectLayer } from '../scenario/layer.ts'
import type { Progress } from './progress.ts'
import type { Scenario } from './scenario.ts'

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
