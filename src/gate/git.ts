import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What git prints, or why it fails. */
export function git(folder: string, ...args: readonly string[]): Promise<string | Error> {
  return gitUntil(null, folder, ...args)
}

/** The same; git is told to end when the signal comes, and is gone when this resolves. */
export async function gitUntil(
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
