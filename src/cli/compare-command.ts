import { compareResults } from '../compare/compare.ts'
import { RtbenchError } from '../error.ts'
import { comparisonReporters } from '../report/comparison-reporters.ts'
import type { ScenarioComparison } from '../result/judgement.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { ExitCode } from './exit-code.ts'
import { minChangeOf } from './min-change.ts'
import { printText } from './print.ts'
import { pairsOf } from './scenario-pairs.ts'
import { readResults } from './stored-results.ts'

/** The flags of `compare`, as they are written. */
export interface CompareCommandOptions {
  readonly minChange?: string
  readonly all?: boolean
  readonly allowMismatch?: boolean
  readonly format?: string
  readonly json?: boolean
}

/** Compares stored results, prints the verdicts, and tells by the exit code of a regression. */
export async function compareCommand(
  baselinePath: string,
  candidatePath: string,
  options: CompareCommandOptions,
): Promise<ExitCode> {
  const reporter = reporterOf(options)
  const thresholdShare = minChangeOf(options)
  const allowMismatch = options.allowMismatch ?? false
  const baseline = await readResults(baselinePath)
  const candidate = await readResults(candidatePath)
  const comparisons = pairsOf(baseline, candidate).map(
    ({ scenario, baseline, candidate }): ScenarioComparison => ({
      scenario,
      ...compareResults(baseline, candidate, { thresholdShare, allowMismatch }),
    }),
  )
  const all = options.all ?? false
  printText((form) => reporter.render(comparisons, { ...form, all }))
  if (comparisons.some(({ verdict }) => verdict === 'regressed')) return ExitCode.threshold
  // Where too few runs count nobody knows that nothing regressed.
  return comparisons.some(({ judged }) => judged !== 'all') ? ExitCode.invalid : ExitCode.done
}

function reporterOf({ format, json }: CompareCommandOptions): (typeof comparisonReporters)[number] {
  const wanted = json === true ? 'json' : (format ?? 'table')
  const reporter = comparisonReporters.find(({ name }) => name === wanted)
  if (reporter !== undefined) return reporter
  const names = comparisonReporters.map(({ name }) => name)
  throw new RtbenchError(
    'usage',
    `--format: unknown format ${wanted}${didYouMean(wanted, names)}; expected ${names.join(', ')}`,
  )
}
