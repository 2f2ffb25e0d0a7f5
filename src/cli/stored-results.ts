import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RtbenchError } from '../error.ts'
import type { Result } from '../result/document.ts'
import { readResult } from '../result/store.ts'

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
