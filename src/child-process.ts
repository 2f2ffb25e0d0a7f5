import { type ChildProcess, fork } from 'node:child_process'
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RtbenchError } from './error.ts'
import { tell } from './tell.ts'
import { packageVersion } from './version.ts'

/** How long a child may take until its first word. */
const START_MS = 30_000

/**
 * What this process was loaded from. A program that is installed or built anew while it runs starts
 * children of another build, whose messages mean something else.
 */
const BUILD = `${packageVersion()}, built ${statSync(fileURLToPath(import.meta.url)).mtime.toISOString()}`

/** A child's first word. */
interface Greeting {
  readonly type: 'greeting'
  readonly build: string
}

const running = new Set<ChildProcess>()
/** Those that have said that they are of this build. */
const greeted = new WeakSet<ChildProcess>()
// A child that hangs would not see its parent go.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * As many of V8's threads as fit the machine. Node starts four on any, and on two cores these wait for
 * each other and for whom they collect garbage for: the tail of latencies was up to twice as long.
 */
const FITTING_POOL = '--v8-pool-size=0'

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
    execArgv: [FITTING_POOL, ...process.execArgv, ...flags],
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
 * Makes this process a good child, which greets its parent; its modules call it before anything else.
 * Ctrl-C and SIGTERM, which may reach the whole group, are left to the parent, the end of the channel is
 * its own end, and what nobody catches ends it with one line.
 */
export function beChild(name: string): void {
  process.send?.({ type: 'greeting', build: BUILD } satisfies Greeting)
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  process.on('disconnect', () => process.exit())
  process.on('uncaughtException', (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const [what, where = ''] = text.split(/\n\s*(?=at )/)
    const line = `${what} ${where}`.replaceAll(/\s+/g, ' ').trim()
    tell(`rtbench: a ${name} (process ${process.pid}) failed: ${line}`)
    process.exit(1)
  })
}

export interface Ear<Message> {
  /** What the child is, for a person. */
  readonly name: string
  /** Whether a message can be what it says it is. */
  isMessage(message: unknown): message is Message
  onMessage(message: Message): void
  /** Told once, in a line, why the child is not heard any more; its process ends then. */
  onNonsense(why: string): void
}

/** Hears a child once it has greeted; nothing that it says is believed unread. Returns what ends that. */
export function hear<Message>(child: ChildProcess, ear: Ear<Message>): () => void {
  const who = `a ${ear.name} (process ${child.pid})`
  const refuse = (why: string): void => {
    child.off('message', listen)
    child.kill('SIGKILL')
    ear.onNonsense(why)
  }
  const listen = (message: unknown): void => {
    if (greeted.has(child)) {
      if (ear.isMessage(message)) ear.onMessage(message)
      else refuse(`${who} said what nobody understands, and was ended; please report this`)
      return
    }
    const build = buildOf(message)
    if (build === BUILD) greeted.add(child)
    else {
      refuse(
        `${who} is rtbench ${build ?? 'of an unknown version'}, and its parent is ${BUILD}; was rtbench installed anew while it ran? run it again`,
      )
    }
  }
  child.on('message', listen)
  return () => child.off('message', listen)
}

function buildOf(message: unknown): string | null {
  if (typeof message !== 'object' || message === null) return null
  const { type, build } = message as Partial<Record<keyof Greeting, unknown>>
  if (type !== 'greeting' || typeof build !== 'string') return null
  return build.slice(0, 80).replace(/[^\w.,:-]+/g, ' ')
}

/** A child's first message after its greeting; rejects when it ends, or says nothing or nonsense. */
export function firstMessage<Message>(
  child: ChildProcess,
  name: string,
  isMessage: (message: unknown) => message is Message,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      stopHearing()
    }
    const fail = (reason: string): void => {
      end()
      reject(new RtbenchError('cannot-run', `the ${name} could not start: ${reason}`))
    }
    const timer = setTimeout(() => fail(`it is not ready after ${START_MS / 1000} s`), START_MS)
    const stopHearing = hear<Message>(child, {
      name,
      isMessage,
      onMessage: (message) => {
        end()
        resolve(message)
      },
      onNonsense: fail,
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
