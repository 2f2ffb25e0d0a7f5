import { gravestOf, type Outcome } from '../../compare/outcome.ts'
import { RtbenchError } from '../../error.ts'
import { readBaselines, unfitness, writeBaseline } from '../../gate/baseline.ts'
import { causeOf, type Gated, gate } from '../../gate/gate.ts'
import type { Judging } from '../../gate/judge.ts'
import { type Measured, measurerAgainst } from '../../gate/measurer.ts'
import { namedBySide, openPair } from '../../gate/pair.ts'
import { failureJunit } from '../../report/junit.ts'
import type { Result } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import { tell } from '../../tell.ts'
import { ExitCode, OUTCOME_OF_ERROR } from '../exit-code.ts'
import { assertWritable, keepResult, settingOf, storeResult } from '../output.ts'
import {
  baselineOptionsOf,
  budgetOf,
  type CiOptions,
  casesOf,
  checkOptions,
  gateJudgingOf,
  mostPairsOf,
  ownServerNotes,
} from './options.ts'
import {
  assertNoInput,
  compareLine,
  publishFailure,
  publishFindings,
  writeFirstReport,
} from './publish.ts'

/** Measures regression scenarios, holds them against what was before, and tells by the exit code. */
export async function act(files: readonly string[], options: CiOptions): Promise<ExitCode> {
  const startedAt = new Date().toISOString()
  let junit: string | null = null
  try {
    if (options.junit !== undefined) {
      await assertNoInput(options.junit, files, options.baseline ?? null)
      await writeFirstReport(
        options.junit,
        failureJunit(startedAt, 'rtbench ci did not come to its end'),
      )
      junit = options.junit
    }
    return await gateAll(files, options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await publishFailure(message, { junit, startedAt }, process.env)
    throw error
  }
}

async function gateAll(files: readonly string[], options: CiOptions): Promise<ExitCode> {
  checkOptions(options)
  const judging = gateJudgingOf(options)
  const cases = await casesOf(files, options)
  const { byName, notes } = await readBaselines(cases, baselineOptionsOf(options))
  const { against, serve = null } = options
  const own = serve === null ? ownServerNotes(cases) : []
  const updating = options.updateBaseline ? (options.baseline ?? null) : null
  const folder = options.save === false ? null : (options.out ?? 'results/ci')
  if (folder !== null) await assertWritable(folder, '--out')
  if (updating !== null) await assertWritable(updating, '--baseline')
  const environment = await readEnvironment()
  const quiet = options.quiet ?? false
  const setting = settingOf(options, environment)
  const { signal, progress } = setting
  const keep = (result: Result): Promise<void> => keepResult(result, folder)
  const common = { setting, keep, judging }
  const measurer =
    against === undefined
      ? measurerAgainst(byName, { ...common, environment, serve, isUpdating: updating !== null })
      : await openPair(
          {
            ...options,
            against,
            budgetMs: ({ scenario }) => budgetOf(options, scenario),
            mostPairs: mostPairsOf(options),
          },
          common,
        )
  const gated: Gated[] = []
  try {
    for (const one of cases) {
      if (!signal.aborted) progress.note(`${one.file}: ${one.scenario.name}`)
      const beganMs = performance.now()
      const measured = signal.aborted ? NOTHING : await measurer.measure(one)
      const tookMs = performance.now() - beganMs
      progress.end()
      const written = await store(measured, folder, quiet)
      const found = gate(
        one,
        { ...measured, written, tookMs },
        {
          ...judging,
          startedAt: environment.startedAt,
          interrupted: signal.aborted,
          allowInvalid: options.allowInvalid ?? false,
          gating: updating === null,
        },
      )
      gated.push(found)
    }
  } finally {
    await measurer.close()
  }
  const updated = updating === null ? 'done' : await updateBaselines(updating, gated, judging)
  const published = await publishFindings(
    {
      suites: gated.map(({ suite }) => suite),
      notes: [...own, ...notes, ...gated.flatMap(({ notes }) => notes)],
      junit: options.junit ?? null,
    },
    process.env,
  )
  const outcome = gravestOf([
    ...gated.map(({ outcome }) => outcome),
    updated,
    published ? 'done' : 'notWritten',
  ])
  const code = ExitCode[outcome]
  const cause = causeOf(outcome, gated)
  if (cause !== null) tell(`rtbench: exit code ${code}: ${cause}`)
  return code
}

const NOTHING: Measured = {
  candidate: null,
  baseline: null,
  against: null,
  failure: null,
  judged: null,
}

/**
 * Stores what was measured, where it is fit for a baseline; tells how that went. What is not fit was written well
 * enough: it is as the runs are.
 */
async function updateBaselines(
  folder: string,
  gated: readonly Gated[],
  judging: Judging,
): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const { candidate, outcome, suite } of gated) {
    if (candidate === null) continue
    const unfit =
      outcome === 'done'
        ? unfitness(candidate, judging)
        : `it ended with exit code ${ExitCode[outcome]}`
    if (unfit !== null) {
      tell(`rtbench: the baseline of ${suite.name} is as it was: ${unfit}`)
      // Allowed as a measurement, it is no baseline all the same.
      outcomes.push(outcome === 'done' ? 'invalid' : outcome)
      continue
    }
    try {
      tell(`stored ${await writeBaseline(folder, candidate)}`)
    } catch (error) {
      if (!(error instanceof RtbenchError)) throw error
      tell(`rtbench: ${error.message}`)
      outcomes.push(OUTCOME_OF_ERROR[error.code])
    }
  }
  return gravestOf(outcomes)
}

/** Saves all that was measured, of a pair the other commit first; false when something could not be saved. */
async function store(
  { candidate, baseline, against }: Measured,
  folder: string | null,
  quiet: boolean,
): Promise<boolean> {
  if (folder === null) return true
  const results =
    against === null
      ? [candidate]
      : [
          baseline === null ? null : namedBySide(baseline, against),
          candidate === null ? null : namedBySide(candidate, null),
        ]
  const stored = results.filter((result) => result !== null)
  let written = true
  for (const result of stored) {
    if (!(await storeResult(result, folder, { quiet }))) written = false
  }
  const [before, after] = stored
  if (quiet || before === undefined || after === undefined) return written
  const line = await compareLine(folder, before, after)
  if (line !== null) tell(`compare them again by ${line}`)
  return written
}
