/** Where a gate writes: asked before anything is measured, since nobody measures twice for a typing error. */
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RtbenchError } from '../../error.ts'
import { writeAtomically } from '../../result/atomic-file.ts'

/**
 * Makes a folder and a file in it, which it removes.
 * @param flag by which another folder is named
 * @throws RtbenchError `usage`
 */
export async function assertWritable(folder: string, flag: string): Promise<void> {
  const probe = join(folder, `.rtbench-${process.pid}.probe`)
  await asUsage(`${flag}: ${folder}`, probe, () =>
    writeAtomically(probe, '', `name another folder by ${flag}`),
  )
  await rm(probe, { force: true })
}

/**
 * The report of an earlier invocation would be taken for this one's, however this one ends.
 * @throws RtbenchError `usage`
 */
export async function writeFirstReport(path: string, text: string): Promise<void> {
  await asUsage(`--junit: ${path}`, path, () =>
    writeAtomically(path, text, 'name another file by --junit'),
  )
}

/** @throws RtbenchError `usage` where the report would take the place of what is to be read */
export function assertNoInput(junit: string, files: readonly string[]): void {
  if (!files.some((file) => resolve(file) === resolve(junit))) return
  throw new RtbenchError('usage', `--junit: would overwrite the scenario ${junit}`)
}

async function asUsage(what: string, path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const why = error.message.replace(`${path}: not written: `, '')
    throw new RtbenchError('usage', `${what} cannot be written: ${why}`, error)
  }
}
