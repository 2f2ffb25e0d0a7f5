import { join } from 'node:path'

/** The command that is measured: compiled, as it is published. */
export const COMMAND = join(import.meta.dirname, '..', '..', '..', 'bin', 'rtbench.js')
