import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RtbenchError } from './error.ts'

/** How long a child may take until its first word. */
const START_MS = 30_000

const running = new Set<ChildProcess>()
// A child that hangs would not see its parent go.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a module of this program as a process of its own. Messages keep their typed arrays; the
 * child ends by itself when its parent does, whatever ended that.
 *
 * @param name the module's name beside `from`, without its extension: compiled or not, the child is
 *   what the parent is
 * @param from the parent module's `import.meta.url`
 * @param flags Node's flags for the child, beside the parent's own
 * @throws RtbenchError where the system starts no more processes
 */
export function startModule(
  name: string,
  from: string,
  flags: readonly string[] = [],
): ChildProcess {
  const module = new URL(`${name}${extname(fileURLToPath(from))}`, from)
  const child = fork(module, {
    execArgv: [...process.execArgv, ...flags],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  if (child.pid === undefined) {
    child.on('error', () => {})
    throw new RtbenchError(
      'cannot-run',
      'a process could not be started; look at the limits of processes and open files (ulimit -a)',
    )
  }
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Starts so many processes; when one cannot be started, none is left. */
export function startAll(count: number, start: (index: number) => ChildProcess): ChildProcess[] {
  const children: ChildProcess[] = []
  try {
    for (let index = 0; index < count; index++) children.push(start(index))
    return children
  } catch (error) {
    for (const child of children) child.kill('SIGKILL')
    throw error
  }
}

/**
 * Makes this process a good child; its modules call it before anything else. Ctrl-C and SIGTERM,
 * which may reach the whole group, are left to the parent, the end of the channel is its own end,
 * and what nobody catches ends it with one line.
 */
export function beChild(name: string): void {
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  process.on('disconnect', () => process.exit())
  process.on('uncaughtException', (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const [what, where = ''] = text.split(/\n\s*(?=at )/)
    const line = `${what} ${where}`.replaceAll(/\s+/g, ' ').trim()
    process.stderr.write(`rtbench: a ${name} (process ${process.pid}) failed: ${line}\n`)
    process.exit(1)
  })
}

/** Resolves with a child's first message; rejects when it ends, or says nothing for too long. */
export function firstMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer)
      reject(new RtbenchError('cannot-run', `the ${name} could not start: ${reason}`))
    }
    const timer = setTimeout(() => fail(`it is not ready after ${START_MS / 1000} s`), START_MS)
    child.once('message', (message) => {
      clearTimeout(timer)
      resolve(message as Message)
    })
    child.on('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => fail(`its process ended (${signal ?? code})`))
  })
}

/**
 * Resolves when the process is gone; kills it if it has not gone after so many milliseconds.
 * @param hurry kills it at once, as soon as it is aborted
 */
export function ended(child: ChildProcess, patienceMs: number, hurry?: AbortSignal): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const kill = (): void => void child.kill('SIGKILL')
    const timer = setTimeout(kill, patienceMs)
    if (hurry?.aborted) kill()
    else hurry?.addEventListener('abort', kill)
    child.once('exit', () => {
      clearTimeout(timer)
      hurry?.removeEventListener('abort', kill)
      resolve()
    })
  })
}
