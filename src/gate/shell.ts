import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of what a command says, as much is kept for the line that tells why it failed. */
const TAIL_CHARACTERS = 4_000
/** How long a command may take to end when it is told to. */
const PATIENCE_MS = 5_000
/** How long its last words may take to arrive once it is gone. */
const LAST_WORDS_MS = 1_000

const running = new Set<Shell>()
// Whatever ends this process, no command outlives it.
process.once('exit', () => {
  for (const shell of running) shell.signal('SIGKILL')
})

/** A command under way, with all that it starts: a process group of its own. */
export class Shell {
  readonly #child: ChildProcess
  /** Its output is read to the end. */
  readonly #silent: Promise<unknown>
  #tail = ''
  /** How it ended: `exit code 1`, `SIGTERM`. */
  readonly ended: Promise<string>
  #end: string | null = null
  readonly #releaseGuard: () => void
  #code: number | null = null

  /** @param command for /bin/sh */
  constructor(command: string, folder: string, environment: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn('/bin/sh', ['-c', command], {
      cwd: folder,
      env: environment,
      // A group of its own: Ctrl-C reaches it by us alone, and its end is the end of all of it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(this)
    const { pid } = this.#child
    this.#releaseGuard = pid === undefined ? () => {} : guardGroup(pid)
    this.#silent = new Promise((resolve) => this.#child.once('close', resolve))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS)
      })
    }
    this.ended = this.#whenEnded()
  }

  /** Null while it runs. */
  get end(): string | null {
    return this.#end
  }

  /** It ended by itself, and well. */
  get succeeded(): boolean {
    return this.#code === 0
  }

  /** The last line that it said, of a crash its cause; empty where it said nothing. */
  get lastLine(): string {
    return lastLineOf(this.#tail)
  }

  /** The same, to be added to what is said of its end. */
  get lastWords(): string {
    return this.lastLine === '' ? '' : `; it said last: ${this.lastLine}`
  }

  /** Ends the command and all that it started; resolves when it is gone. */
  async stop(): Promise<void> {
    this.signal('SIGTERM')
    const timer = setTimeout(() => this.signal('SIGKILL'), PATIENCE_MS)
    await this.ended
    clearTimeout(timer)
    // What the command started may not have heard, or not have obeyed.
    this.signal('SIGKILL')
    running.delete(this)
    this.#releaseGuard()
    // What went into a session of its own may keep the output open.
    await Promise.race([this.#silent, sleep(LAST_WORDS_MS, null, { ref: false })])
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is gone.
    }
  }

  async #whenEnded(): Promise<string> {
    try {
      const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null]
      this.#code = code
      this.#end = signal ?? `exit code ${code}`
    } catch (error) {
      this.#end = (error as Error).message
    }
    return this.#end
  }
}

/** How Node and many others name what ended them, above the lines of the stack. */
const CRASH = /^(?:Uncaught )?\w*Error\b.*:/

/**
 * Without colours, and without what moves a terminal's cursor. Of a crash its cause: what comes after
 * it says nothing to who reads one line.
 */
function lastLineOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is taken out
  const plain = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
  const lines = plain.split(/[\r\n]+/).map((line) => line.trim())
  return lines.findLast((line) => CRASH.test(line)) ?? lines.findLast((line) => line !== '') ?? ''
}

/**
 * Waits for the end of its input, and then ends the group: at first as it is asked to. Where nobody
 * reaps what is dead, the group is never gone, so that the guard must not wait for that for long.
 */
const SCRIPT = `read -r _
kill -s TERM -- "-$1"
for _ in 1 2 3; do kill -s 0 -- "-$1" || exit 0; sleep 1; done
kill -s KILL -- "-$1"`

/**
 * Sees that a process group does not outlive this process, whatever ends that: a shell of its own
 * holds the other end of a pipe, which the system closes.
 * @returns what ends the guard, when the group is gone
 */
export function guardGroup(pid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid)], {
    // What Ctrl-C or a hangup ends here must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without it, nothing is lost but the guard.
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  return () => void guard.kill('SIGKILL')
}
