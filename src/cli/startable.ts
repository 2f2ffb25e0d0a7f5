import { readFileSync } from 'node:fs'
import { RtbenchError } from '../error.ts'

/** Node opens the modules of a command side by side: with fewer files it fails at one or another. */
const LEAST_OPEN_FILES = 128

/**
 * Refuses a process that may open too few files to come as far as the arithmetic of its clients.
 *
 * @param limits as `/proc/self/limits` tells them; by default these, and nothing where there are none
 * @throws RtbenchError `cannot-run`
 */
export function refuseFewFiles(limits = readLimits()): void {
  const limit = /^Max open files +(\d+)/m.exec(limits)?.[1]
  if (limit === undefined || Number(limit) >= LEAST_OPEN_FILES) return
  throw new RtbenchError(
    'cannot-run',
    `a process may open ${limit} files, and rtbench takes ${LEAST_OPEN_FILES} to start; raise the limit (ulimit -n)`,
  )
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
