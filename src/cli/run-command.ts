import { missedThresholds } from '../compare/threshold.ts'
import { type Measurement, measureScenario } from '../experiment/measurement.ts'
import { scenarioOf, sourcesBelowFlags } from '../experiment/scenario-sources.ts'
import { packageVersion } from '../experiment/version.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { flagLayer } from '../scenario/layer.ts'
import { recorded } from '../scenario/recorded.ts'
import { endOf } from './end.ts'
import { ExitCode } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { describeMiss } from './missed.ts'
import { printConfig } from './print-config.ts'
import { folderOf, keepResult, publishResult } from './publication.ts'

/** The flags of `run` that are not the scenario's; the scenario's are read by its own layer. */
export interface RunOptions {
  readonly token?: string
  readonly allowRemote?: boolean
  readonly allowInvalid?: boolean
  readonly json?: boolean
  readonly out?: string
  /** False saves nothing. */
  readonly save?: boolean
  readonly quiet?: boolean
  /** Prints the scenario and measures nothing. */
  readonly printConfig?: boolean
}

/** Measures a scenario, prints and saves the result, and tells how it went by the exit code. */
export async function runCommand(file: string | undefined, options: RunOptions): Promise<ExitCode> {
  const layers = [flagLayer({ ...options }), ...(await sourcesBelowFlags(file))]
  const scenario = scenarioOf(layers)
  if (options.printConfig) return printConfig(scenario, layers)
  const environment = await readEnvironment()
  const progress = new ProgressWriter(process.stderr, { quiet: options.quiet ?? false })
  const interruption = interruptible(progress)
  const resultOf = ({ runs, missing }: Measurement): Result => ({
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment,
    scenario: { ...recorded(scenario) },
    runs,
    missing,
  })
  const folder = folderOf(options)
  const measurement = await measureScenario(scenario, {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    openFilesLimit: environment.openFilesLimit,
    signal: interruption,
    progress,
    onRun: (soFar) => keepResult(resultOf(soFar), folder),
  })
  progress.end()
  const { runs, missing, failure } = measurement
  if (runs.length === 0) {
    if (failure !== null) throw failure
    process.stderr.write('rtbench: stopped before anything was measured\n')
    return ExitCode.interrupted
  }
  const result = resultOf(measurement)
  const written = await publishResult(result, {
    json: options.json ?? false,
    folder,
    quiet: options.quiet ?? false,
  })
  const missed = missedThresholds(result)
  if (!interruption.aborted) {
    for (const miss of missed) process.stderr.write(`rtbench: ${describeMiss(miss)}\n`)
  }
  const [next] = missing
  if (failure !== null && next !== undefined) {
    const name = `${next.transport} #${next.repetition}`
    process.stderr.write(`rtbench: ${name} could not be measured: ${failure.message}\n`)
  }
  return endOf({
    result,
    missed,
    written,
    interrupted: interruption.aborted,
    allowInvalid: options.allowInvalid ?? false,
  })
}
