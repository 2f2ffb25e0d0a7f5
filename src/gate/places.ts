/** Where a gate writes: asked before anything is measured, since nobody measures twice for a typing error. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { asUsage } from '../cli/writable.ts'
import { RtbenchError } from '../error.ts'
import { writeAtomically } from '../result/atomic-file.ts'

/**
 * The report of an earlier invocation would be taken for this one's, however this one ends.
 * @throws RtbenchError `usage`
 */
export async function writeFirstReport(path: string, text: string): Promise<void> {
  await asUsage(`--junit: ${path}`, path, () =>
    writeAtomically(path, text, 'name another file by --junit'),
  )
}

/**
 * @param baseline the folder of the baselines; null without any
 * @throws RtbenchError `usage` where the report would take the place of what is to be read
 */
export async function assertNoInput(
  junit: string,
  files: readonly string[],
  baseline: string | null,
): Promise<void> {
  const own = await realPath(junit)
  const inputs = await Promise.all(files.map(realPath))
  if (inputs.includes(own)) {
    throw new RtbenchError('usage', `--junit: would overwrite the scenario ${junit}`)
  }
  if (baseline === null || !own.startsWith(`${await realPath(baseline)}${sep}`)) return
  throw new RtbenchError('usage', `--junit: ${junit} is among the baselines; name another folder`)
}

/** Of what is not there yet the path that it would have. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path)
  return realpath(whole).catch(async () => {
    const folder = dirname(whole)
    return folder === whole ? whole : join(await realPath(folder), basename(whole))
  })
}
