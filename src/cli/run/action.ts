import { outcomeOf } from '../../compare/outcome.ts'
import { type Answer, answersOf } from '../../compare/threshold.ts'
import { conduct, processesFor } from '../../experiment/experiment.ts'
import { frontConfiguration } from '../../experiment/front.ts'
import { planOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import { viaConfiguration } from '../../experiment/via.ts'
import { auditHistory } from '../../history/reader.ts'
import { describeHistory, isKept } from '../../history/telling.ts'
import { HistoryFile } from '../../history/writer.ts'
import { boundedFigure, exactSpan } from '../../report/figure.ts'
import { runName } from '../../report/wording.ts'
import { readEnvironment } from '../../result/environment.ts'
import type { Sweep } from '../../result/sweep.ts'
import { flagLayer } from '../../scenario/layer.ts'
import { tell } from '../../tell.ts'
import { ExitCode } from '../exit-code.ts'
import type { MeasurementFlags } from '../flags.ts'
import { folderOf, keepResult, printConfig, publishResult, settingOf } from '../output.ts'
import { isInNamespace, namespaceFault, runInNamespace, wantsNamespace } from './namespace.ts'

/** The flags of `run` that are not the scenario's; the scenario's are read by its own layer. */
interface RunOptions extends MeasurementFlags {
  readonly allowInvalid?: boolean
  /** Prints the configuration of the front and measures nothing. */
  readonly printFront?: boolean
  /** The same of the proxy. */
  readonly printVia?: boolean
  /** A file for what happens, event by event. */
  readonly history?: string
}

/** Measures a scenario, prints and saves the result, and tells how it went by the exit code. */
export async function act(file: string | undefined, options: RunOptions): Promise<ExitCode> {
  const layers = [flagLayer({ ...options }), ...(await sourcesBelowFlags(file))]
  const plan = planOf(layers)
  if (options.printConfig) return printConfig(plan, layers)
  const environment = await readEnvironment()
  if (options.printFront) {
    const processes = processesFor(plan.scenario, environment.openFilesLimit)
    process.stdout.write(frontConfiguration(plan.scenario, processes))
    return ExitCode.done
  }
  if (options.printVia) {
    process.stdout.write(viaConfiguration(plan.scenario))
    return ExitCode.done
  }
  const isIsolated = isInNamespace()
  const wantsOne = wantsNamespace(plan.scenario) && !isIsolated
  const fault = wantsOne ? namespaceFault() : null
  if (wantsOne && fault === null) return (await runInNamespace()) as ExitCode
  const setting = { ...settingOf(options, environment), isIsolated }
  const folder = await folderOf(options)
  const history = options.history === undefined ? null : await HistoryFile.open(options.history)
  if (fault !== null) {
    setting.progress.note(`connections go silent by a forwarder of rtbench's own: ${fault}`)
  }
  const { result, failure, failed } = await conduct(plan, {
    ...setting,
    history,
    onResult: (soFar) => keepResult(soFar, folder),
  })
  setting.progress.end()
  const isHistoryWritten = history === null || (await tellHistory(history, options))
  if (result === null) {
    if (failure !== null) throw failure
    tell('rtbench: stopped before anything was measured')
    return ExitCode.interrupted
  }
  const isSaved = await publishResult(result, folder, options)
  const written = isSaved && isHistoryWritten
  const answers = answersOf(result)
  if (!setting.signal.aborted) {
    for (const answer of answers.filter(({ verdict }) => verdict !== 'kept')) {
      tell(`rtbench: ${describeAnswer(answer, result.sweep)}`)
    }
  }
  for (const reason of new Set(failed.map((run) => run.reason))) {
    const [first, ...others] = failed.filter((run) => run.reason === reason)
    if (first === undefined) continue
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const name = runName(first, result.sweep) + more
    tell(`rtbench: ${name} could not be measured: ${reason}`)
  }
  return ExitCode[
    outcomeOf({
      result,
      answers,
      written,
      interrupted: setting.signal.aborted,
      allowInvalid: options.allowInvalid ?? false,
    })
  ]
}

/** Ends a history, judges it and says what came of it; false when it could not be written. */
async function tellHistory(
  history: HistoryFile,
  { quiet }: Pick<RunOptions, 'quiet'>,
): Promise<boolean> {
  await history.close()
  const { path, failure } = history
  if (failure !== null) {
    tell(`rtbench: ${failure}`)
    return false
  }
  if (history.isEmpty) return true
  const verdict = auditHistory(path)
  const kept = isKept(verdict)
  if (!kept) for (const line of describeHistory(path, verdict)) tell(`rtbench: ${line}`)
  else if (!quiet) tell(`wrote ${path}: the law was kept`)
  return true
}

/**
 * What a threshold came to that was not kept: `threshold p99<200ms missed by sse #1: is 203.4 ms`, or
 * `threshold p99<200ms cannot be told of sse #1: is 180 to 250 ms, since …`.
 */
export function describeAnswer(answer: Answer, sweep?: Sweep): string {
  const { threshold, metric, value, lower, verdict, cause } = answer
  const name = runName(answer, sweep)
  if (value === null) return `threshold ${threshold} missed by ${name}: not measured`
  if (verdict !== 'untold') {
    return `threshold ${threshold} missed by ${name}: is ${boundedFigure(metric, lower, value)}`
  }
  const why = cause === null ? '' : `, since ${cause}`
  return `threshold ${threshold} cannot be told of ${name}: is ${exactSpan(metric, lower, value)}${why}`
}
