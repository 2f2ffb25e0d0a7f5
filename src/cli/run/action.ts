import { outcomeOf } from '../../compare/outcome.ts'
import { type Answer, answersOf } from '../../compare/threshold.ts'
import { conduct, processesFor } from '../../experiment/experiment.ts'
import { frontConfiguration } from '../../experiment/front.ts'
import { planOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import { viaConfiguration } from '../../experiment/via.ts'
import { auditHistory } from '../../history/reader.ts'
import { describeHistory, isJudged, isKept } from '../../history/telling.ts'
import { HistoryFile } from '../../history/writer.ts'
import { boundedFigure, exactSpan } from '../../report/figure.ts'
import { runName } from '../../report/wording.ts'
import { readEnvironment } from '../../result/environment.ts'
import type { Sweep } from '../../result/sweep.ts'
import { flagLayer } from '../../scenario/layer.ts'
import type { Refusal } from '../../scenario/units.ts'
import { tell } from '../../tell.ts'
import { ExitCode } from '../exit-code.ts'
import { type MeasurementFlags, readFlag } from '../flags.ts'
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
  /** Of the server at `url`. */
  readonly serverPid?: string
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
  const { serverPid: pid } = options
  const serverPid = pid === undefined ? null : readFlag('--server-pid', pid, processId)
  const setting = { ...settingOf(options, environment), isIsolated, serverPid }
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
  await history?.close()
  if (result === null) {
    if (history !== null) await judgeHistory(history, options, setting.hurry)
    if (failure !== null) throw failure
    tell('rtbench: stopped before anything was measured')
    return ExitCode.interrupted
  }
  const isSaved = await publishResult(result, folder, options)
  // When the result is safe: a large history takes its time.
  const judged = history === null ? UNWRITTEN : await judgeHistory(history, options, setting.hurry)
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
      written: isSaved && judged.written,
      contradicted: judged.contradicted,
      interrupted: setting.signal.aborted,
      allowInvalid: options.allowInvalid ?? false,
    })
  ]
}

function processId(text: string): number | Refusal {
  const pid = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return pid > 1 ? pid : { problem: 'is no process id; expected 4711, say' }
}

interface Judged {
  readonly written: boolean
  readonly contradicted: boolean
}

/** Where no history was to be written. */
const UNWRITTEN: Judged = { written: true, contradicted: false }

/** Judges a history that is closed, and says what came of it. */
async function judgeHistory(
  { path, failure, isEmpty }: HistoryFile,
  { quiet }: Pick<RunOptions, 'quiet'>,
  hurry: AbortSignal | undefined,
): Promise<Judged> {
  if (failure !== null) {
    tell(`rtbench: ${failure}`)
    return { written: false, contradicted: false }
  }
  if (isEmpty) {
    tell(`rtbench: ${path}: nothing was judged: no run has begun`)
    return UNWRITTEN
  }
  try {
    const verdict = await auditHistory(path, undefined, hurry)
    const kept = isKept(verdict)
    if (!kept || !isJudged(verdict)) {
      for (const line of describeHistory(path, verdict)) tell(`rtbench: ${line}`)
    } else if (!quiet) tell(`wrote ${path}: the law was kept`)
    return { written: true, contradicted: !kept }
  } catch (error) {
    // What it says of itself, or that it was not waited for.
    const why = hurry?.aborted ? `${path}: was not judged` : (error as Error).message
    tell(`rtbench: ${why}; judge it by rtbench audit`)
    return { written: hurry?.aborted === true, contradicted: false }
  }
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
