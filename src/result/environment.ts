import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { arch, availableParallelism, cpus, platform, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import type { Environment } from './document.ts'

/** The machine and the commit of a folder, as a result tells them; what cannot be read is null. */
export async function readEnvironment(folder: string = process.cwd()): Promise<Environment> {
  const startedAt = new Date().toISOString()
  const git = ['rev-parse', '--short', 'HEAD']
  const [openFilesLimit, commit] = await Promise.all([
    readFile('/proc/self/limits', 'utf8').then(parseOpenFilesLimit, () => null),
    promisify(execFile)('git', git, { cwd: folder, timeout: 2000 }).then(
      ({ stdout }) => stdout.trim() || null,
      () => null,
    ),
  ])
  return {
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    kernel: `${type()} ${release()}`,
    cpuModel: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    openFilesLimit,
    commit,
    startedAt,
  }
}

/**
 * Reads the soft limit of open files from the text of `/proc/self/limits`, which Node has raised
 * to the hard one by then. Null where the line is missing or says `unlimited`.
 */
export function parseOpenFilesLimit(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? null : Number(soft)
}
