import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compareResults } from '../../compare/compare.ts'
import { RtbenchError } from '../../error.ts'
import { grouped } from '../../grouped.ts'
import { comparisonReporters } from '../../report/comparison-reporters.ts'
import type { Result } from '../../result/document.ts'
import type { ScenarioComparison } from '../../result/judgement.ts'
import { readResult } from '../../result/store.ts'
import { RESOLVED } from '../../scenario/scenario.ts'
import { ExitCode } from '../exit-code.ts'
import { formatOf, wordOf } from '../flags.ts'
import { type JudgingFlags, judgingOf } from '../judging.ts'
import { printText } from '../output.ts'

/** The flags of `compare`, as they are written. */
interface CompareCommandOptions extends JudgingFlags {
  readonly all?: boolean
  readonly allowMismatch?: boolean
  readonly across?: string
  readonly format?: string
  readonly json?: boolean
}

/** Compares stored results, prints the verdicts, and tells by the exit code how it went. */
export async function act(
  baselinePath: string,
  candidatePath: string,
  options: CompareCommandOptions,
): Promise<ExitCode> {
  const { format = 'table', json, all = false, allowMismatch = false } = options
  const reporter = formatOf(json === true ? 'json' : format, comparisonReporters)
  const judging = { ...judgingOf(options), allowMismatch, across: acrossOf(options.across) }
  const baseline = await readResults(baselinePath)
  const candidate = await readResults(candidatePath)
  const comparisons = pairsOf(baseline, candidate).map(
    ({ scenario, baseline, candidate }): ScenarioComparison => ({
      scenario,
      ...compareResults(baseline, candidate, judging),
    }),
  )
  printText((form) => reporter.render(comparisons, { ...form, all }))
  const verdicts = comparisons.map(({ verdict }) => verdict)
  if (verdicts.includes('regressed')) return ExitCode.threshold
  return verdicts.includes('inconclusive') && options.allowInconclusive !== true
    ? ExitCode.inconclusive
    : ExitCode.done
}

/** What a scenario's keys are called in a result. */
function acrossOf(keys: string | undefined): readonly string[] {
  if (keys === undefined) return []
  const known = new Map<string, string>(RESOLVED)
  return keys.split(',').map((key) => {
    const name = wordOf('--across', key.trim(), [...known.keys()])
    return known.get(name) ?? name
  })
}

/** The results of one scenario, of both sides. */
interface ScenarioPair {
  /** Its name, as the baseline has it. */
  readonly scenario: string
  readonly baseline: readonly Result[]
  readonly candidate: readonly Result[]
}

/**
 * Pairs the results of two sides by the names of their scenarios. Where both sides have one name
 * each, they are taken for a pair whatever the names are: what is one scenario is another's question.
 * @throws RtbenchError `usage` where a scenario is on one side only
 */
function pairsOf(
  baseline: readonly Result[],
  candidate: readonly Result[],
): readonly ScenarioPair[] {
  const before = grouped(baseline, ({ scenario }) => scenario.name)
  const after = grouped(candidate, ({ scenario }) => scenario.name)
  const [name] = before.keys()
  if (before.size === 1 && after.size === 1 && name !== undefined) {
    return [{ scenario: name, baseline, candidate }]
  }
  const lonely = [
    ...missingOf(before, after).map((one) => `${one} is in the baseline only`),
    ...missingOf(after, before).map((one) => `${one} is in the candidate only`),
  ]
  if (lonely.length > 0) {
    throw new RtbenchError(
      'usage',
      `scenarios without a partner: ${lonely.join('; ')}; give both sides the same scenarios`,
    )
  }
  return [...before].map(([scenario, results]) => ({
    scenario,
    baseline: results,
    candidate: after.get(scenario) ?? [],
  }))
}

function missingOf(
  names: ReadonlyMap<string, unknown>,
  others: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...names.keys()].filter((name) => !others.has(name))
}

/**
 * Reads a result, or all the `.json` files of a folder in the order of their names; folders within
 * it are left alone.
 * @throws RtbenchError `bad-result` where a file is none, or there is no file
 */
export async function readResults(path: string): Promise<readonly Result[]> {
  const status = await stat(path).catch(() => null)
  if (status?.isDirectory() !== true) return [await readResult(path)]
  const entries = await readdir(path, { withFileTypes: true }).catch((error: Error) => {
    throw new RtbenchError('bad-result', `${path}: cannot be read (${error.message})`, error)
  })
  const names = entries
    .filter((entry) => entry.name.endsWith('.json') && !entry.isDirectory())
    .map(({ name }) => name)
    .sort()
  if (names.length === 0) {
    const within = await folderWithin(path, entries)
    const hint = within === null ? '' : `; did you mean ${within}?`
    const problem = `${path}: the folder has no result, which is a .json file${hint}`
    throw new RtbenchError('bad-result', problem)
  }
  const results = []
  for (const name of names) results.push(await readResult(join(path, name)))
  return results
}

/** The first folder within that has what the one above it lacks. */
async function folderWithin(path: string, entries: readonly Dirent[]): Promise<string | null> {
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  for (const name of folders.sort()) {
    const inner = join(path, name)
    const names = await readdir(inner).catch(() => [])
    if (names.some((name) => name.endsWith('.json'))) return inner
  }
  return null
}
