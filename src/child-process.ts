import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Starts a module of this program as a process of its own. Messages keep their typed arrays; the
 * child ends by itself when its parent does, whatever ended that.
 *
 * @param name the module's name beside `from`, without its extension: compiled or not, the child is
 *   what the parent is
 * @param from the parent module's `import.meta.url`
 */
export function startModule(name: string, from: string): ChildProcess {
  const module = new URL(`${name}${extname(fileURLToPath(from))}`, from)
  return fork(module, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** Resolves when the process is gone; kills it if it has not gone after so many milliseconds. */
export function ended(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
