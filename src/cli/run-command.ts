import { randomInt } from 'node:crypto'
import { type Miss, missedThresholds } from '../compare/threshold.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import type { Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { environmentLayer, flagLayer } from '../scenario/layer.ts'
import { readScenarioFile } from '../scenario/load.ts'
import { resolveScenario } from '../scenario/resolve.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { transports } from '../transports/registry.ts'
import { MAX_MARK_BYTES } from '../wire/mark.ts'
import { ExitCode } from './exit-code.ts'
import { measureScenario } from './measurement.ts'
import { publishResult } from './publication.ts'
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
  const { runs, failure } = await measureScenario(scenario, {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    openFilesLimit: environment.openFilesLimit,
    signal: interruption,
    progress,
  })
  progress.end()
  // Ctrl-C reaches processes that are about to start, too: their failure is no news then.
  if (failure !== null && runs.length === 0 && !interruption.aborted) throw failure
  if (runs.length === 0) {
    process.stderr.write('rtbench: stopped before anything was measured\n')
    return ExitCode.interrupted
  }
  const result: Result = {
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment,
    scenario: { ...scenario },
    runs: [...runs],
  }
  const written = await publishResult(result, {
    json: options.json ?? false,
    folder: options.save ? (options.out ?? process.env['RTBENCH_OUT'] ?? 'results') : null,
    quiet: options.quiet ?? false,
  })
  if (interruption.aborted) return ExitCode.interrupted
  const missed = missedThresholds(result)
  tell(missed)
  if (failure !== null) throw failure
  return written ? exitCode(result, missed, options.allowInvalid ?? false) : ExitCode.notWritten
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

function tell(missed: readonly Miss[]): void {
  for (const { threshold, transport, repetition, value } of missed) {
    const found = value === null ? 'not measured' : `is ${Math.round(value * 1000) / 1000}`
    process.stderr.write(
      `rtbench: threshold ${threshold} missed by ${transport} #${repetition}: ${found}\n`,
    )
  }
}

/** The gravest first: who cannot believe the figures need not ask whether they are kept. */
function exitCode({ runs }: Result, missed: readonly Miss[], allowInvalid: boolean): ExitCode {
  if (runs.some((run) => run.partial)) return ExitCode.partial
  if (!allowInvalid && runs.some((run) => run.validity.verdict === 'invalid')) {
    return ExitCode.invalid
  }
  return missed.length > 0 ? ExitCode.threshold : ExitCode.done
}
