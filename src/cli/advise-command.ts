import { advise } from '../advice/advise.ts'
import { decisionOf } from '../advice/decision.ts'
import { measurementFor, measuringCommand } from '../advice/measurement.ts'
import { renderAdvice } from '../advice/report.ts'
import { RtbenchError } from '../error.ts'
import { conduct } from '../experiment/experiment.ts'
import { planOf } from '../experiment/plan.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import type { Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { readResult } from '../result/store.ts'
import { flagLayer } from '../scenario/layer.ts'
import type { Plan } from '../scenario/plan.ts'
import { transports } from '../transports/registry.ts'
import { type WorkloadOptions, workloadOf } from './advise-options.ts'
import { ExitCode } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { printText } from './print.ts'
import { folderOf, keepResult, storeResult } from './publication.ts'

export interface AdviseOptions extends WorkloadOptions {
  readonly measure?: boolean
  readonly json?: boolean
  readonly out?: string
  /** False saves nothing. */
  readonly save?: boolean
  readonly quiet?: boolean
}

/** Tells which technique a workload wants, from measured results. */
export async function adviseCommand(
  files: readonly string[],
  options: AdviseOptions,
): Promise<ExitCode> {
  const workload = workloadOf(options)
  const stored = await Promise.all(files.map(readResult))
  const measured = options.measure === true ? await measure(workload, options) : null
  const results = measured === null ? stored : [...stored, measured.result]
  if (results.length === 0) throw nothingMeasured(workload)
  const advice = advise(workload, results, transports)
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ ...advice, decision: decisionOf(advice) }, null, 2)}\n`,
    )
  } else {
    printText((render) => renderAdvice(advice, render))
  }
  if (measured !== null && !measured.written) return ExitCode.notWritten
  if (advice.chosen !== null) return ExitCode.done
  return advice.undecided ? ExitCode.couldNotRun : ExitCode.threshold
}

/** What `--measure` measures: the very run that is told where there is no result. */
export function planToMeasure(workload: Workload): Plan {
  return planOf([flagLayer({ ...measurementFor(workload), name: 'advise' })])
}

interface Measured {
  readonly result: Result
  /** It was saved, or was not to be. */
  readonly written: boolean
}

/** Measures what the workload asks about, and keeps the result for the next question. */
async function measure(workload: Workload, options: AdviseOptions): Promise<Measured> {
  const folder = await folderOf(options)
  const quiet = options.quiet ?? false
  const plan = planToMeasure(workload)
  const environment = await readEnvironment()
  const progress = new ProgressWriter(process.stderr, { quiet })
  const interruption = interruptible(progress)
  const { result, failure } = await conduct(plan, {
    environment,
    token: null,
    allowRemote: false,
    ...interruption,
    progress,
    onResult: (soFar) => keepResult(soFar, folder),
  })
  progress.end()
  if (result === null) {
    throw failure ?? new RtbenchError('interrupted', 'stopped before anything was measured')
  }
  const written = folder === null || (await storeResult(result, folder, { quiet }))
  // Of some techniques alone it would be advice that leaves out what nobody asked to leave out.
  if (interruption.signal.aborted) {
    throw new RtbenchError('interrupted', 'interrupted before all was measured: there is no advice')
  }
  return { result, written }
}

function nothingMeasured(workload: Workload): RtbenchError {
  return new RtbenchError(
    'usage',
    `advise: no result is given; expected a result file, which this makes: ${measuringCommand(measurementFor(workload))}; or --measure, which does that`,
  )
}
