import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { INSTALL } from './package.ts'

/** The folder and those above it, as far as its repository's root. */
export function foldersUp(folder: string): readonly string[] {
  const folders = [resolve(folder)]
  for (;;) {
    const last = folders.at(-1) as string
    if (existsSync(join(last, '.git'))) return folders
    // In no repository only the folder itself counts.
    if (dirname(last) === last) return folders.slice(0, 1)
    folders.push(dirname(last))
  }
}

/** What the workflow needs and the folder has not; npm looks above the folder as well. */
export function absenceIn(folder: string, there: string): string | null {
  const find = (...names: readonly string[]): string | undefined =>
    foldersUp(folder)
      .flatMap((one) => names.map((name) => join(one, name)))
      .find((path) => existsSync(path))
  const lock = find('package-lock.json', 'npm-shrinkwrap.json')
  if (lock === undefined) {
    const begin = find('package.json') === undefined ? 'npm init -y && ' : ''
    return `missing: a package-lock.json, which the workflow's npm ci needs; make it, and commit the packed file with it, by ${there}${begin}${INSTALL}`
  }
  return locksRtbench(lock)
    ? null
    : `missing: rtbench in ${relative(process.cwd(), lock)}, so that the workflow's npx would fetch whatever has its name; put it there, and commit the packed file with it, by ${there}${INSTALL}`
}

/** Whether npm ci installs it, or the package is rtbench itself. */
function locksRtbench(lock: string): boolean {
  const text = readFileSync(lock, 'utf8')
  return /"node_modules\/rtbench"\s*:/.test(text) || /^\s*\{\s*"name"\s*:\s*"rtbench"/.test(text)
}
