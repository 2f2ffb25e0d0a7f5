import type { Environment, MissingRun, Result } from '../result/document.ts'
import type { Sweep as RecordedSweep } from '../result/sweep.ts'
import type { Plan } from '../scenario/plan.ts'
import { recorded } from '../scenario/scenario.ts'
import { type Sweep, sweepUnit } from '../scenario/sweep.ts'
import { packageVersion } from '../version.ts'
import { type MeasurementOptions, measurePlan } from './measurement.ts'
import type { Measurement } from './series.ts'

export interface ExperimentOptions extends Omit<MeasurementOptions, 'onRun' | 'openFilesLimit'> {
  readonly environment: Environment
  /** Told after each run what there is by then; the next one waits for it. */
  onResult(result: Result): Promise<void>
}

/** How an experiment ended. */
export interface Outcome {
  /** All that was measured, and what was not; null where there is no run at all. */
  readonly result: Result | null
  /** What first kept a missing run from being measured, if it was no interruption. */
  readonly failure: Error | null
  /** The missing runs that were begun and failed. */
  readonly failed: readonly MissingRun[]
}

/**
 * Measures a plan and makes the result of it. Writes to no stream and sets no exit code.
 * @throws RtbenchError where this machine cannot carry it, or the target may not be put under load
 */
export async function conduct(plan: Plan, options: ExperimentOptions): Promise<Outcome> {
  const resultOf = ({ runs, missing }: Pick<Measurement, 'runs' | 'missing'>): Result => ({
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment: options.environment,
    scenario: { ...recorded(plan.scenario) },
    ...(plan.sweep === null ? {} : { sweep: recordedSweep(plan.sweep) }),
    runs,
    missing,
  })
  const measurement = await measurePlan(plan, {
    ...options,
    openFilesLimit: options.environment.openFilesLimit,
    onRun: (soFar) => options.onResult(resultOf(soFar)),
  })
  const { failure, failed } = measurement
  return { result: measurement.runs.length === 0 ? null : resultOf(measurement), failure, failed }
}

function recordedSweep({ key, points }: Sweep): RecordedSweep {
  return { key, unit: sweepUnit(key), values: points.map(({ value }) => value) }
}
