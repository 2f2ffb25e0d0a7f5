import { randomInt } from 'node:crypto'
import { missedThresholds } from '../compare/threshold.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { environmentLayer, flagLayer } from '../scenario/layer.ts'
import { readScenarioFile } from '../scenario/load.ts'
import { resolveScenario } from '../scenario/resolve.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { transports } from '../transports/registry.ts'
import { MAX_MARK_BYTES } from '../wire/mark.ts'
import { endOf } from './end.ts'
import { ExitCode } from './exit-code.ts'
import { type Measurement, measureScenario } from './measurement.ts'
import { describeMiss } from './missed.ts'
import { keepResult, publishResult } from './publication.ts'
import { packageVersion } from './version.ts'

/** The flags of `run` that are not the scenario's; the scenario's are read by its own layer. */
export interface RunOptions {
  readonly token?: string
  readonly allowRemote?: boolean
  readonly allowInvalid?: boolean
  readonly json?: boolean
  readonly out?: string
  readonly save: boolean
  readonly quiet?: boolean
}

/** Measures a scenario, prints and saves the result, and tells how it went by the exit code. */
export async function runCommand(file: string | undefined, options: RunOptions): Promise<ExitCode> {
  const scenario = await readScenario(file, options)
  const environment = await readEnvironment()
  const progress = new ProgressWriter(process.stderr, { quiet: options.quiet ?? false })
  const interruption = interruptible()
  const resultOf = ({ runs, missing }: Measurement): Result => ({
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment,
    scenario: { ...scenario },
    runs,
    missing,
  })
  const folder = options.save ? (options.out ?? process.env['RTBENCH_OUT'] ?? 'results') : null
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

async function readScenario(file: string | undefined, options: RunOptions): Promise<Scenario> {
  const layers = [flagLayer({ ...options }), environmentLayer(process.env)]
  if (file !== undefined) layers.push(await readScenarioFile(file))
  return resolveScenario(layers, {
    transportNames: transports.map(({ name }) => name),
    randomSeed: () => randomInt(2 ** 32),
    minPayloadBytes: MAX_MARK_BYTES,
  })
}

/** The first Ctrl-C or SIGTERM ends the measurement in order; the second ends the process. */
function interruptible(): AbortSignal {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted)
    controller.abort()
    process.stderr.write('\nrtbench: stopping; once more to stop at once\n')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller.signal
}
