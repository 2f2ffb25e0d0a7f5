/** A run of the command as its users start it, and somebody who watches it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { LatencySummary } from '../../measure/histogram.ts'
import { type Result, type Run, resultSchema } from '../../result/document.ts'
import { root } from '../root.conformance.ts'

export interface ObservedRun {
  readonly code: number | null
  /** Null where it printed none. */
  readonly result: Result | null
  readonly stderr: string
}

/** Flags of a run whose document is wanted, and nothing else of it. */
const QUIETLY = ['--json', '--no-save']

/**
 * Runs the command to its end, and kills it where the watcher fails.
 *
 * @param args of the command, beside those that ask for the document on stdout
 * @param onSteady called with its process id when the window begins, and waited for
 */
export async function observeRun(
  args: readonly string[],
  onSteady: (pid: number) => Promise<void> = () => Promise.resolve(),
): Promise<ObservedRun> {
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'rtbench.js'), 'run', ...args, ...QUIETLY],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  let stdout = ''
  let stderr = ''
  let watching: Promise<void> | null = null
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes
    if (watching !== null || child.pid === undefined || !stderr.includes(' steady ')) return
    watching = onSteady(child.pid).catch((error: unknown) => {
      kill()
      throw error
    })
    // It is awaited when the command has ended; nobody else shall hear of it before.
    watching.catch(() => {})
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  process.removeListener('exit', kill)
  await watching
  const result = stdout === '' ? null : resultSchema.parse(JSON.parse(stdout))
  return { code, result, stderr }
}

/** The one run of a result. */
export function onlyRun({ result, stderr }: ObservedRun): Run {
  const [run] = result?.runs ?? []
  if (run === undefined) throw new Error(`nothing was measured: ${stderr}`)
  return run
}

/** Both ends of what a run says of its latency. */
export interface Bounds {
  /** As if the instrument had been on time. */
  readonly lower: LatencySummary
  readonly upper: LatencySummary
}

/** A document that does not tell the one from the other claims that they are the same. */
export function boundsOf(run: Run): Bounds {
  const { latencyLowerBound } = run as { readonly latencyLowerBound?: LatencySummary | null }
  return { lower: latencyLowerBound ?? run.latency, upper: run.latency }
}

/** `invalid: slip, loop-delay` */
export function describeVerdict({ validity }: Run): string {
  const codes = validity.reasons.map(({ code }) => code)
  return codes.length === 0 ? validity.verdict : `${validity.verdict}: ${codes.join(', ')}`
}
