import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { codeOf, messageOf, oneLine } from './cause.ts'

export interface NewFile {
  readonly path: string
  readonly text: string
}

/**
 * Writes a file so that a reader finds the old text or the new one, never a part: to a temporary
 * file in the same folder, made durable, then renamed. Makes the folder. When it fails, the old
 * file is intact and the temporary one is gone.
 * @param remedy where else it could be written, for whoever reads the error
 * @throws RtbenchError `not-written`
 */
export function writeAtomically(
  path: string,
  text: string,
  remedy = 'name another folder by --out',
): Promise<void> {
  return writeAllAtomically([{ path, text }], remedy)
}

/**
 * The same for several files: none is in its place before all are written. Only a failure to rename,
 * once nothing is left that could be checked, leaves some in theirs, and its error names them.
 * @throws RtbenchError `not-written`
 */
export async function writeAllAtomically(files: readonly NewFile[], remedy: string): Promise<void> {
  const made: string[] = []
  const temporary = new Map<NewFile, string>()
  const placed: string[] = []
  for (const step of [draft, place]) {
    for (const file of files) {
      try {
        await step(file)
      } catch (error) {
        for (const name of temporary.values()) await rm(name, { force: true }).catch(() => {})
        // None but the empty: what is in the others is somebody's.
        for (const folder of made.reverse()) await rmdir(folder).catch(() => {})
        const but = placed.length === 0 ? '' : `; ${placed.join(' and ')} was written before it`
        const text = `${file.path}: not written: ${whyNot(error, remedy)}${but}`
        throw new RtbenchError('not-written', oneLine(text), error)
      }
    }
  }
  for (const { path } of files) await syncFolder(dirname(path))

  async function draft(file: NewFile): Promise<void> {
    const folder = dirname(file.path)
    await makeFolder(folder, made)
    await refuseFolder(file.path)
    const name = join(folder, temporaryName())
    temporary.set(file, name)
    await draftInto(name, file.text)
  }

  async function place(file: NewFile): Promise<void> {
    await rename(temporary.get(file) ?? '', file.path)
    placed.push(file.path)
  }
}

/** As much as a result of some runs takes: an empty file fits on a disk that is full. */
const TRIAL = 'x'.repeat(256 * 1024)

/**
 * Sees whether a file can be written into a folder, by writing one; nothing of it is left, nor of the
 * folders that it takes.
 * @throws RtbenchError `not-written`
 */
export async function tryFolder(folder: string, remedy: string): Promise<void> {
  const made: string[] = []
  const file = join(folder, temporaryName())
  try {
    await makeFolder(folder, made)
    await draftInto(file, TRIAL)
  } catch (error) {
    const text = `${folder}: not written: ${whyNot(error, remedy)}`
    throw new RtbenchError('not-written', oneLine(text), error)
  } finally {
    await rm(file, { force: true }).catch(() => {})
    for (const one of made.reverse()) await rmdir(one).catch(() => {})
  }
}

/** Not made of a file's name, which may be as long as a name can be. */
function temporaryName(): string {
  return `.rtbench-${process.pid}-${randomBytes(6).toString('hex')}.tmp`
}

/** Writes a file that is not there yet, and makes it durable. */
async function draftInto(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A folder in a file's place would be found by the rename, which comes too late for several. */
async function refuseFolder(path: string): Promise<void> {
  const isOne = await lstat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (isOne) throw Object.assign(new Error('a folder is in its place'), { code: 'EISDIR' })
}

/**
 * Makes a folder and those above it, and notes each. Not by Node's `recursive`, which tries for ever
 * where a file system such as /proc answers that the parent is missing when it is not.
 */
async function makeFolder(folder: string, made: string[]): Promise<void> {
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent, made)
  try {
    await mkdir(folder)
    made.push(folder)
  } catch (error) {
    // Another writer may have been faster.
    if (!(await isFolder(folder))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
}

/** Makes the rename durable too, where a folder can be synced (not on Windows). */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The file is written and renamed; only a power cut could still undo it.
  }
}

const REASONS: readonly (readonly [codes: readonly string[], why: string])[] = [
  [['ENOSPC', 'EDQUOT'], 'the disk is full; free some space or'],
  [['EACCES', 'EPERM', 'EROFS'], 'not allowed to write there;'],
  [['ENOENT'], 'no folder can be made there;'],
  [['ENOTDIR', 'EEXIST'], 'a part of its path is a file;'],
  [['EISDIR'], 'a folder is in its place;'],
]

function whyNot(error: unknown, remedy: string): string {
  const known = REASONS.find(([codes]) => codes.includes(codeOf(error) ?? ''))
  return known === undefined ? messageOf(error) : `${known[1]} ${remedy}`
}
