import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import { writeAtomically } from '../result/atomic-file.ts'
import type { Result, Run } from '../result/document.ts'
import { readResult, safeFileName, serialiseResult } from '../result/store.ts'

/** Where a scenario's baseline is: by its name, so that a folder keeps one for each. */
export function baselinePath(folder: string, scenario: string): string {
  return join(folder, `${safeFileName(scenario) || 'scenario'}.json`)
}

/**
 * Reads a scenario's baseline; null where there is none.
 * @throws RtbenchError `bad-result` where there is something else, `usage` where the folder is a file
 */
export async function readBaseline(folder: string, scenario: string): Promise<Result | null> {
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

/** Why a result is no baseline; null where it may be one. */
function unfitness({ runs, missing }: Result): string | null {
  if (missing.length > 0) return 'a run is missing'
  if (runs.some(({ partial, interrupted }) => partial || interrupted)) return 'a run is partial'
  // What both its bounds say of a run that was late counts, in a baseline as in a comparison.
  const isUnfit = (run: Run): boolean =>
    run.validity.verdict === 'invalid' && !isLateWithBounds(run)
  if (runs.some(isUnfit)) return 'a run is invalid'
  return null
}

/**
 * Stores a result as its scenario's baseline and returns the path. The seconds of the timeline are
 * left out: nobody compares them, and a baseline is a file that people review.
 * @throws RtbenchError `not-written`
 */
export async function writeBaseline(folder: string, result: Result): Promise<string> {
  const unfit = unfitness(result)
  const path = baselinePath(folder, result.scenario.name)
  if (unfit !== null) {
    throw new RtbenchError('not-written', `${path}: no baseline is made of it: ${unfit}; try again`)
  }
  const runs = result.runs.map((run) => ({ ...run, timeline: [] }))
  const text = serialiseResult({ ...result, runs })
  await writeAtomically(path, text, 'name another folder by --baseline')
  return path
}
