import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository, whether this runs from the source or from what was built of it. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)))

function findRoot(from: string): string {
  if (existsSync(join(from, 'bin', 'rtbench.js'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('no folder above has bin/rtbench.js')
  return findRoot(above)
}
