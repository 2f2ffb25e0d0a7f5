import { join } from 'node:path'
import { shellWord } from '../report/wording.ts'
import type { Result } from '../result/document.ts'
import { readResult, resultBaseName, safeFileName } from '../result/store.ts'

/** As much of a reference's name tells it from another one. */
const MOST_CHARACTERS = 30

/**
 * A side's result as it is stored: by the name of its scenario and its side, `chat.main` or
 * `chat.working`, for both are of one moment and, without changes, of one commit.
 * @param ref of the other commit; null is the working folder
 */
export function namedBySide(result: Result, ref: string | null): Result {
  const side = ref === null ? 'working' : safeFileName(ref).slice(0, MOST_CHARACTERS) || 'other'
  return { ...result, scenario: { ...result.scenario, name: `${result.scenario.name}.${side}` } }
}

/** The command line that compares two results of a folder; null where one is not where it should be. */
export async function compareLine(
  folder: string,
  baseline: Result,
  candidate: Result,
): Promise<string | null> {
  const paths = [baseline, candidate].map((result) => pathIn(folder, result))
  const [before, after] = await Promise.all(paths)
  return before == null || after == null
    ? null
    : `rtbench compare ${shellWord(before)} ${shellWord(after)}`
}

/** Where it was stored, unless another invocation's result of that second has the name. */
async function pathIn(
  folder: string,
  { scenario, environment: { startedAt } }: Result,
): Promise<string | null> {
  const path = join(folder, `${resultBaseName(scenario.name, startedAt)}.json`)
  const stored = await readResult(path).catch(() => null)
  return stored?.environment.startedAt === startedAt ? path : null
}
