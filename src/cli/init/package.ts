import { fileURLToPath } from 'node:url'
import { shellWord } from '../../report/wording.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * What installs rtbench in a repository, and in its lock file: here, and nowhere else, this changes once a registry has the
 * package. Until then this copy is packed into a file beside the lock file, which is committed with it.
 */
export const INSTALL = `npm i -D "./$(npm pack --ignore-scripts --silent ${shellWord(ROOT)})"`
