/** What is written at the end is tried at the beginning: nobody measures twice for a typing error. */
import { RtbenchError } from '../error.ts'
import { tryFolder } from '../result/atomic-file.ts'
import { codeOf } from '../result/cause.ts'

/**
 * Sees that results can be written into a folder.
 * @param flag by which another folder is named
 * @throws RtbenchError `usage`; `not-written` where the disk is full
 */
export async function assertWritable(folder: string, flag: string): Promise<void> {
  await asUsage(`${flag}: ${folder}`, folder, () =>
    tryFolder(folder, `name another folder by ${flag}`),
  )
}

/**
 * Writes, and takes a place where nothing can be written for a wrong flag.
 * @param what is told of it: `--out: results`
 * @param path that the writer's error begins with
 */
export async function asUsage(
  what: string,
  path: string,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const why = error.message.replace(`${path}: not written: `, '')
    const isFull = FULL.includes(codeOf(error.cause) ?? '')
    throw new RtbenchError(
      isFull ? 'not-written' : 'usage',
      `${what} cannot be written: ${why}`,
      error,
    )
  }
}

/** No word of the user's is wrong then. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT']
