import { rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { git } from './git.ts'

/** In it is the worktree. */
const TREE = 'tree'
const HOST = hostname().replace(/[^\w.]+/g, '_')

/** Whose it is, as the beginning of a temporary folder's name; other hosts may share the disk. */
export function ownPrefix(): string {
  return join(tmpdir(), `rtbench-against-${HOST}-${process.pid}-`)
}

export function treeIn(parent: string): string {
  return join(parent, TREE)
}

/** Removes the worktrees of a repository that an rtbench left which was killed. */
export async function removeStale(top: string): Promise<void> {
  const list = await git(top, 'worktree', 'list', '--porcelain')
  if (list instanceof Error) return
  for (const [, path = ''] of list.matchAll(/^worktree (.+)$/gm)) {
    const parent = dirname(path)
    const [, host, pid] = /^rtbench-against-([\w.]+)-(\d+)-[^-]+$/.exec(basename(parent)) ?? []
    if (basename(path) !== TREE || host !== HOST || isAlive(Number(pid))) continue
    await removeTree(top, parent).catch(() => {})
  }
}

/** Again where somebody still writes there. */
export const REMOVING = { recursive: true, force: true, maxRetries: 3, retryDelay: 100 } as const

/** Removes the folder, and what the repository knows of it. */
export async function removeTree(top: string, parent: string): Promise<void> {
  await rm(parent, REMOVING)
  await git(top, ...forgetting(parent))
  await git(top, 'worktree', 'prune')
}

/**
 * What git is told when the folder is gone. To prune is not enough: a git that was killed while it
 * checked out leaves the tree locked.
 */
export function forgetting(parent: string): readonly string[] {
  return ['worktree', 'remove', '--force', '--force', treeIn(parent)]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It may be somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
