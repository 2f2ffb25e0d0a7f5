/** Starts the command as its users do, for the end-to-end tests. It needs a build. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Result, resultSchema } from '../result/document.ts'
import { withoutIntegrity } from '../result/store.ts'
import { root } from './root.conformance.ts'

/** What needs /proc is left out elsewhere. */
export const needsProc = process.platform === 'linux' ? {} : { skip: 'there is no /proc here' }

const PATIENCE_MS = 40_000
const STEP_MS = 20
/** A killed command's guard waits some seconds for its group, more where the machine is busy. */
const LAST_MS = 20_000

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export class Command {
  /** In the environment of the process and of all that descend from it. */
  readonly #tag = randomUUID()
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''
  readonly ended: Promise<Ended>

  constructor(args: readonly string[], folder: string, environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [join(root, 'bin', 'rtbench.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment, RTBENCH_TEST_TAG: this.#tag },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#stdout += bytes
    })
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr += bytes
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves when stderr says so; rejects when the command ends before. */
  async says(pattern: RegExp): Promise<RegExpMatchArray> {
    const untilMs = performance.now() + PATIENCE_MS
    for (;;) {
      const match = this.#stderr.match(pattern)
      if (match !== null) return match
      const over = this.#child.exitCode !== null || this.#child.signalCode !== null
      assert.ok(!over && performance.now() < untilMs, `never said ${pattern}: ${this.#stderr}`)
      await sleep(STEP_MS)
    }
  }

  /** Resolves with the processes of this command that run a module, such as `worker-process`. */
  async processes(module: string): Promise<readonly number[]> {
    const untilMs = performance.now() + PATIENCE_MS
    for (;;) {
      const found = this.#family().filter((pid) => commandLine(pid).includes(module))
      if (found.length > 0) return found
      assert.ok(performance.now() < untilMs, `no ${module} was started`)
      await sleep(STEP_MS)
    }
  }

  /** Resolves when nothing of this command runs any more. */
  async gone(): Promise<void> {
    if (process.platform !== 'linux') return
    const untilMs = performance.now() + LAST_MS
    while (this.#family().length > 0) {
      const left = this.#family().map(commandLine)
      assert.ok(performance.now() < untilMs, `left behind: ${left.join(', ')}`)
      await sleep(STEP_MS)
    }
  }

  /** Ends what is left of it. */
  kill(): void {
    this.#child.kill('SIGKILL')
    if (process.platform !== 'linux') return
    for (const pid of this.#family()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }

  #family(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => readProc(pid, 'environ').includes(this.#tag))
  }
}

/** Starts the command; nothing of it outlives the test. */
export function start(
  context: TestContext,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Command {
  const command = new Command(args, folder, environment)
  context.after(() => command.kill())
  return command
}

/** Words of which the last value of each flag counts: a test's own go after those that all tests have. */
export function lastOfEach(words: readonly string[]): readonly string[] {
  const isReplaced = (at: number): boolean =>
    words[at]?.startsWith('--') === true && words.indexOf(words[at], at + 1) !== -1
  return words.filter((_, at) => !isReplaced(at) && !isReplaced(at - 1))
}

/** Runs the command to its end, and sees that it leaves no process behind. */
export async function run(
  context: TestContext,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const command = start(context, args, environment)
  const ended = await command.ended
  await command.gone()
  return ended
}

/** The one line that the command says when it cannot do what it was asked for. */
export function assertRefused(
  { code, stdout, stderr }: Ended,
  expected: number,
  line: RegExp,
): void {
  assert.match(stderr, /^rtbench: [^\n]+\n$/)
  assert.match(stderr, line)
  assert.equal(stdout, '')
  assert.equal(code, expected)
}

/** The one document on stdout. */
export function parseResult(stdout: string): Result {
  return withoutIntegrity(resultSchema.parse(JSON.parse(stdout)))
}

/** A folder of this test file, which is gone after it. */
export const folder = mkdtempSync(join(tmpdir(), 'rtbench-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function commandLine(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ')
}

/** Empty for a process that is gone, or a zombie. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
