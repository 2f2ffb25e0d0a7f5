import { answersOf } from '../compare/threshold.ts'
import { conduct } from '../experiment/experiment.ts'
import { planOf, sourcesBelowFlags } from '../experiment/plan.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import { runName } from '../report/wording.ts'
import { readEnvironment } from '../result/environment.ts'
import { flagLayer } from '../scenario/layer.ts'
import { endOf } from './end.ts'
import { ExitCode } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { describeAnswer } from './missed.ts'
import { printConfig } from './print-config.ts'
import { folderOf, keepResult, publishResult } from './publication.ts'

/** The flags of `run` that are not the scenario's; the scenario's are read by its own layer. */
export interface RunOptions {
  readonly token?: string
  readonly allowRemote?: boolean
  readonly allowInvalid?: boolean
  readonly json?: boolean
  readonly out?: string
  /** Saves a page for browsers, too. */
  readonly html?: boolean
  /** False saves nothing. */
  readonly save?: boolean
  readonly quiet?: boolean
  /** Prints the scenario and measures nothing. */
  readonly printConfig?: boolean
}

/** Measures a scenario, prints and saves the result, and tells how it went by the exit code. */
export async function runCommand(file: string | undefined, options: RunOptions): Promise<ExitCode> {
  const layers = [flagLayer({ ...options }), ...(await sourcesBelowFlags(file))]
  const plan = planOf(layers)
  if (options.printConfig) return printConfig(plan, layers)
  const environment = await readEnvironment()
  const quiet = options.quiet ?? false
  const progress = new ProgressWriter(process.stderr, { quiet })
  const interruption = interruptible(progress)
  const folder = await folderOf(options)
  const { result, failure, failed } = await conduct(plan, {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    environment,
    ...interruption,
    progress,
    onResult: (soFar) => keepResult(soFar, folder),
  })
  progress.end()
  if (result === null) {
    if (failure !== null) throw failure
    process.stderr.write('rtbench: stopped before anything was measured\n')
    return ExitCode.interrupted
  }
  const written = await publishResult(result, {
    json: options.json ?? false,
    folder,
    quiet,
    html: options.html ?? false,
  })
  const answers = answersOf(result)
  if (!interruption.signal.aborted) {
    for (const answer of answers.filter(({ verdict }) => verdict !== 'kept')) {
      process.stderr.write(`rtbench: ${describeAnswer(answer, result.sweep)}\n`)
    }
  }
  for (const reason of new Set(failed.map((run) => run.reason))) {
    const [first, ...others] = failed.filter((run) => run.reason === reason)
    if (first === undefined) continue
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const name = runName(first, result.sweep) + more
    process.stderr.write(`rtbench: ${name} could not be measured: ${reason}\n`)
  }
  return endOf({
    result,
    answers,
    written,
    interrupted: interruption.signal.aborted,
    allowInvalid: options.allowInvalid ?? false,
  })
}
