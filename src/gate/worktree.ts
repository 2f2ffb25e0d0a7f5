import { execFile, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { access, mkdtemp, realpath, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { RtbenchError } from '../error.ts'
import { Shell } from './shell.ts'

/** Another commit of the repository, checked out beside it. */
export interface Worktree {
  /** As asked for: `main`. */
  readonly ref: string
  /** Short. */
  readonly commit: string
  /** In it, the folder that corresponds to the working folder. */
  readonly folder: string
  close(): Promise<void>
}

/** Where the working folder stands in its repository. */
interface Repository {
  /** The top of its working tree. */
  readonly top: string
  /** The working folder below it; empty at the top. */
  readonly prefix: string
  /** It has changes that are in no commit. */
  readonly isDirty: boolean
}

/** @throws RtbenchError `usage` outside of a repository */
export async function readRepository(folder: string): Promise<Repository> {
  const top = await git(folder, 'rev-parse', '--show-toplevel')
  if (top instanceof Error) {
    const why = isMissing(top) ? 'git is not installed' : `${folder} is in no git repository`
    throw new RtbenchError('usage', `--against: ${why}`, top)
  }
  const prefix = await git(folder, 'rev-parse', '--show-prefix')
  const changes = await git(folder, 'status', '--porcelain', '--untracked-files=no')
  return {
    top,
    prefix: prefix instanceof Error ? '' : prefix.replace(/\/$/, ''),
    isDirty: !(changes instanceof Error) && changes !== '',
  }
}

/**
 * The commit that a reference means.
 * @throws RtbenchError `usage` where there is none
 */
export async function commitOf({ top }: Pick<Repository, 'top'>, ref: string): Promise<string> {
  const commit = await git(
    top,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  )
  if (!(commit instanceof Error)) return commit
  throw new RtbenchError(
    'usage',
    `--against: there is no commit ${ref}; fetch it first (a shallow clone has the newest alone)`,
    commit,
  )
}

/**
 * Checks a commit out into a folder for itself, in the system's temporary folder.
 * @throws RtbenchError `usage` where there is no such folder at it; `interrupted`
 */
export async function openWorktree(
  { top, prefix }: Repository,
  { ref, commit }: Pick<Worktree, 'ref' | 'commit'>,
  signal: AbortSignal,
): Promise<Worktree> {
  await removeStale(top)
  // Git knows a tree by its real path alone, once the folder is gone.
  const parent = await realpath(await mkdtemp(ownPrefix()))
  const path = treeIn(parent)
  const remove = (): void => {
    try {
      rmSync(parent, REMOVING)
    } catch {
      // The next `--against` removes it.
    }
    spawnSync('git', forgetting(parent), { cwd: top, stdio: 'ignore' })
  }
  process.once('exit', remove)
  const close = async (): Promise<void> => {
    try {
      await removeTree(top, parent)
      process.off('exit', remove)
    } catch {
      // Something still writes there, which is no reason to lose a verdict: it is tried again at the end.
    }
  }
  const add = ['worktree', 'add', '--detach', '--quiet', path, commit]
  const added = await gitUntil(signal, top, ...add)
  if (signal.aborted) {
    await close()
    throw new RtbenchError('interrupted', 'stopped before anything was measured')
  }
  if (added instanceof Error) {
    await close()
    throw new RtbenchError('cannot-run', `--against: git cannot check out ${ref}: ${lineOf(added)}`)
  }
  const folder = join(path, prefix)
  if (!(await isThere(folder))) {
    await close()
    throw new RtbenchError('usage', `--against: there is no folder ${prefix} at ${ref}`)
  }
  const short = await git(top, 'rev-parse', '--short', commit)
  const shown = short instanceof Error ? commit : short
  return { ref, commit: shown, folder, close }
}

/** How what is checked out is built if nobody says it: where there is a lock file. */
export async function usualBuildOf({ folder }: Worktree): Promise<string | null> {
  return (await isThere(join(folder, 'package-lock.json'))) ? 'npm ci' : null
}

/**
 * Builds what is checked out.
 * @throws RtbenchError `cannot-run`
 */
export async function buildWorktree(
  { ref, folder }: Worktree,
  line: string,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const shell = new Shell(line, folder)
  const onAbort = (): void => void shell.stop()
  signal.addEventListener('abort', onAbort)
  const end = await shell.ended
  signal.removeEventListener('abort', onAbort)
  await shell.stop()
  if (shell.succeeded || signal.aborted) return
  const problem = `${line} failed at ${ref} (${end})${shell.lastWords}`
  throw new RtbenchError('cannot-run', `--build: ${problem}`)
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function isMissing(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT'
}

function lineOf(error: Error): string {
  const said = 'stderr' in error ? String(error.stderr) : error.message
  return said.trim().split('\n').at(-1) ?? error.message
}

/** In it is the worktree. */
const TREE = 'tree'
const HOST = hostname().replace(/[^\w.]+/g, '_')

/** Whose it is, as the beginning of a temporary folder's name; other hosts may share the disk. */
function ownPrefix(): string {
  return join(tmpdir(), `rtbench-against-${HOST}-${process.pid}-`)
}

function treeIn(parent: string): string {
  return join(parent, TREE)
}

/** Removes the worktrees of a repository that an rtbench left which was killed. */
async function removeStale(top: string): Promise<void> {
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
const REMOVING = { recursive: true, force: true, maxRetries: 3, retryDelay: 100 } as const

/** Removes the folder, and what the repository knows of it. */
async function removeTree(top: string, parent: string): Promise<void> {
  await rm(parent, REMOVING)
  await git(top, ...forgetting(parent))
  await git(top, 'worktree', 'prune')
}

/**
 * What git is told when the folder is gone. To prune is not enough: a git that was killed while it
 * checked out leaves the tree locked.
 */
function forgetting(parent: string): readonly string[] {
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

/** What git prints, or why it fails. */
function git(folder: string, ...args: readonly string[]): Promise<string | Error> {
  return gitUntil(null, folder, ...args)
}

/** The same; git is told to end when the signal comes, and is gone when this resolves. */
async function gitUntil(
  signal: AbortSignal | null,
  folder: string,
  ...args: readonly string[]
): Promise<string | Error> {
  const running = promisify(execFile)('git', args, { cwd: folder })
  const stop = (): void => void running.child.kill()
  signal?.addEventListener('abort', stop)
  try {
    const { stdout } = await running
    return stdout.trim()
  } catch (error) {
    return error as Error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
