import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { assertSameScenario } from '../compare/comparable.ts'
import { faultOf } from '../compare/evidence.ts'
import { RtbenchError } from '../error.ts'
import { documentOf } from '../experiment/experiment.ts'
import { writeAtomically } from '../result/atomic-file.ts'
import type { Result } from '../result/document.ts'
import { readResult, safeFileName, serialiseResult } from '../result/store.ts'
import { isTimed, type Judging, withoutTiming } from './judge.ts'
import type { Case } from './revision.ts'

export interface BaselineOptions extends Pick<Judging, 'deterministicOnly'> {
  /** Where they are; null where there is no folder of them. */
  readonly folder: string | null
  /** What is measured is held against them, and may be required to be; or becomes them. */
  readonly use: 'compare' | 'require' | 'update'
  /** Another commit is measured in their place. */
  readonly isPaired: boolean
  /** The command line that stores a case's baseline anew. */
  updateLine(one: Case): string
}

/** The stored baselines of some scenarios. */
export interface Baselines {
  readonly byName: ReadonlyMap<string, Result>
  /** One line each. */
  readonly notes: readonly string[]
}

/**
 * Reads baselines before anything is measured.
 * @throws RtbenchError `bad-result`, or `usage` where one is of another scenario, or missing and
 *   required
 */
export async function readBaselines(
  cases: readonly Case[],
  options: BaselineOptions,
): Promise<Baselines> {
  const { folder, use, isPaired } = options
  if (folder === null) {
    const gaps = isPaired ? [] : cases.map((one) => gapOf(one, options))
    return { byName: new Map(), notes: gaps.filter((gap) => gap !== null) }
  }
  const isUpdating = use === 'update'
  const byName = new Map<string, Result>()
  const notes: string[] = []
  for (const one of cases) {
    const { name } = one.scenario
    const known = await readOrReplace(folder, name, isUpdating)
    if (known instanceof RtbenchError) {
      notes.push(`${known.message}; --update-baseline replaces it`)
    } else if (known === null) {
      const path = baselinePath(folder, name)
      const note = `${path}: there is no baseline; make it by ${options.updateLine(one)}`
      if (use === 'require') throw new RtbenchError('usage', note)
      const judged =
        gapOf(one, options) === null ? 'its thresholds alone are judged' : NOTHING_JUDGED
      if (!isUpdating) notes.push(`${note}; ${judged}`)
    } else if (fits(known, one, folder, isUpdating)) {
      byName.set(name, known)
      const gaps = isUpdating ? [] : gapsBetween(known, one, folder)
      const [gap] = gaps
      if (gap !== undefined && use === 'require') throw new RtbenchError('usage', gap.text)
      notes.push(...gaps.map(({ text, consequence }) => `${text}; ${consequence}`))
    }
  }
  return { byName, notes }
}

/**
 * What there is of a baseline; where another is to take its place, also why it cannot be read.
 * @throws RtbenchError `bad-result`, `usage`
 */
async function readOrReplace(
  folder: string,
  name: string,
  isUpdating: boolean,
): Promise<Result | RtbenchError | null> {
  try {
    return await readBaseline(folder, name)
  } catch (error) {
    if (!(error instanceof RtbenchError) || error.code !== 'bad-result') throw error
    if (isUpdating) return error
    const remedy = 'restore it, or store it anew by --update-baseline'
    throw new RtbenchError('bad-result', `${error.message}; ${remedy}`, error)
  }
}

const NOTHING_JUDGED = 'nothing is judged but validity'

/** Of a case without a baseline: why its gate stays open whatever is measured; null where it does not. */
function gapOf(
  { file, scenario: { thresholds } }: Case,
  { deterministicOnly }: Pick<Judging, 'deterministicOnly'>,
): string | null {
  if (thresholds.some((text) => !deterministicOnly || !isTimed(text))) return null
  const which = thresholds.length > 0 ? ' that do not depend on the machine' : ''
  return `${file}: ${NOTHING_JUDGED}; give it thresholds${which} or --baseline`
}

interface Gap {
  readonly text: string
  readonly consequence: string
}

/** What one of a scenario and its baseline has and the other has not, and what becomes of it. */
function gapsBetween(known: Result, one: Case, folder: string): readonly Gap[] {
  const path = baselinePath(folder, one.scenario.name)
  const gap = (names: readonly string[], told: string, consequence: string): readonly Gap[] => {
    const text = `${path}: has ${told}; make a new baseline by --update-baseline`
    return names.length === 0 ? [] : [{ text, consequence }]
  }
  const absent = absentOf(known, one)
  const dropped = [...new Set(known.runs.map(({ transport }) => transport))].filter(
    (name) => !one.scenario.transports.includes(name),
  )
  return [
    ...gap(absent, `no ${absent.join(', ')}`, 'thresholds alone are judged of it'),
    ...gap(
      dropped,
      `${dropped.join(', ')}, which ${one.file} does not measure`,
      'nothing is judged of it',
    ),
  ]
}

/** Transports of a case of which the baseline has no run. */
function absentOf({ runs }: Result, { scenario }: Case): readonly string[] {
  return scenario.transports.filter((name) => !runs.some(({ transport }) => transport === name))
}

/** @throws RtbenchError `usage` */
function fits(known: Result, one: Case, folder: string, isUpdating: boolean): boolean {
  const asked = documentOf({ scenario: one.scenario }, known.environment, { runs: [], missing: [] })
  try {
    assertSameScenario([known, asked])
    const absent = absentOf(known, one)
    if (absent.length < one.scenario.transports.length) return true
    // Nothing would be compared.
    throw new RtbenchError('usage', `has no ${absent.join(', ')}`)
  } catch (error) {
    if (isUpdating && error instanceof RtbenchError) return false
    const path = baselinePath(folder, one.scenario.name)
    const problem = error instanceof Error ? error.message : String(error)
    throw new RtbenchError(
      'usage',
      `${path}: ${problem}; make a new baseline by --update-baseline`,
      error,
    )
  }
}

/** Where a scenario's baseline is: by its name, so that a folder keeps one for each. */
function baselinePath(folder: string, scenario: string): string {
  return join(folder, `${safeFileName(scenario) || 'scenario'}.json`)
}

/**
 * Reads a scenario's baseline; null where there is none.
 * @throws RtbenchError `bad-result` where there is something else, `usage` where the folder is a file
 */
async function readBaseline(folder: string, scenario: string): Promise<Result | null> {
  const path = baselinePath(folder, scenario)
  const problem = await stat(path).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  )
  if (problem === 'ENOTDIR') {
    throw new RtbenchError(
      'usage',
      `--baseline: ${folder} is a file, or below one; expected the folder that has ${basename(path)}`,
    )
  }
  return problem === 'ENOENT' ? null : readResult(path)
}

/** Why a result is no baseline; null where it may be one: each of its runs would be evidence against it. */
export function unfitness(
  { runs, missing }: Result,
  { deterministicOnly }: Pick<Judging, 'deterministicOnly'>,
): string | null {
  if (missing.length > 0) return 'a run is missing'
  const faults = runs.map((run) => faultOf(deterministicOnly ? withoutTiming(run) : run))
  const fault = faults.find((one) => one !== null)
  return fault === undefined ? null : `a run is ${fault}`
}

/**
 * Stores a result as its scenario's baseline and returns the path. The seconds of the timeline are
 * left out: nobody compares them, and a baseline is a file that people review.
 * @throws RtbenchError `not-written`
 */
export async function writeBaseline(folder: string, result: Result): Promise<string> {
  const path = baselinePath(folder, result.scenario.name)
  const runs = result.runs.map((run) => ({ ...run, timeline: [] }))
  const text = serialiseResult({ ...result, runs })
  await writeAtomically(path, text, 'name another folder by --baseline')
  return path
}
