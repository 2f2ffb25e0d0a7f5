import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { RtbenchError } from '../error.ts'
import { type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import {
  ABSENT,
  type Measurement,
  measureSeries,
  type PlannedRun,
  plannedRuns,
  type SeriesOptions,
  seedOf,
} from '../experiment/series.ts'
import { type Result, type Run, resultSchema } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'
import { explainedError, serverExitOf, startServed, withServerExit } from './server.ts'
import { guardGroup } from './shell.ts'

/** How long an rtbench of another commit may take to end when it is told to. */
const PATIENCE_MS = 15_000

/** A scenario to be measured, and its file. */
export interface Case {
  readonly file: string
  readonly scenario: Scenario
}

/** What one side of a pair measured of one run. */
export interface RevisionRun extends Measurement {
  readonly tool: Result['tool']
}

/** One side of a pair: how a commit is measured. */
export interface Revision {
  /** Measures one transport of a case once, with fresh processes. */
  measure(one: Case): Promise<RevisionRun>
}

/** A side of a pair, as people speak of it, and where it is. */
export interface RevisionPlace {
  readonly side: string
  readonly folder: string
}

/** A commit of somebody's server: it is started for each run, and measured by this program. */
export function servedRevision(
  command: string,
  { side, folder }: RevisionPlace,
  options: MeasurementOptions,
): Revision {
  const quiet = { ...options, progress: { update() {}, note() {} } }
  return {
    async measure({ scenario }) {
      const { url, shell } = await startServed(command, folder, pathOf(scenario), options.signal)
      const measuring = measureScenario({ ...scenario, url }, quiet)
      const measured = await measuring.catch((error: Error) => error)
      const { end } = shell
      await shell.stop()
      const serverExit = end === null ? null : serverExitOf(side, end, shell.lastLine)
      if (measured instanceof Error) {
        throw serverExit === null ? measured : explainedError(measured, serverExit)
      }
      const told = serverExit === null ? measured : withServerExit(measured, serverExit)
      return { ...told, tool: { name: 'rtbench', version: packageVersion() } }
    },
  }
}

/** The side that is measured as it stands, as people speak of it. */
export const WORKING = 'the working folder'

/** As results tell of it: the port is another one for each run. */
export function servedScenario(scenario: Scenario): Scenario {
  return { ...scenario, url: `http://127.0.0.1:{port}${pathOf(scenario)}` }
}

/** Of the scenario's URL, whose host and port are not those of a server that is started. */
function pathOf({ url }: Pick<Scenario, 'url'>): string {
  return url === null ? '' : url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\/+$/, '')
}

/** A commit of rtbench itself: its own program measures its own server. */
export function ownRevision(folder: string, options: MeasurementOptions): Revision {
  const program = join(folder, 'bin', 'rtbench.js')
  return {
    async measure({ file, scenario }) {
      const stdout = await runProgram(program, runArguments(file, scenario), options)
      const { runs, missing, tool } = parse(program, stdout)
      return { runs, missing, tool, failure: null }
    },
  }
}

function runArguments(file: string, scenario: Scenario): readonly string[] {
  const { transports, seed, repeat, durationMs, warmupMs } = scenario
  return [
    ...['run', resolve(file), '--transport', transports.join(','), '--seed', String(seed)],
    ...['--repeat', String(repeat), '--duration', `${durationMs}ms`, '--warmup', `${warmupMs}ms`],
    ...['--json', '--no-save', '--quiet'],
  ]
}

/** Resolves with what it prints, whatever its exit code: a missed threshold has a document, too. */
function runProgram(
  program: string,
  args: readonly string[],
  { signal, hurry }: Pick<MeasurementOptions, 'signal' | 'hurry'>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own: Ctrl-C reaches it by us alone, for a second one would stop it at once.
    const child = spawn(process.execPath, [program, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const releaseGuard = child.pid === undefined ? () => {} : guardGroup(child.pid)
    let said = ''
    const printed: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => printed.push(bytes))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const kill = (): void => void child.kill('SIGKILL')
    const tell = (): void => void child.kill('SIGTERM')
    const stop = (): void => {
      tell()
      setTimeout(kill, PATIENCE_MS).unref()
    }
    signal.addEventListener('abort', stop)
    // Told twice, it hurries as well.
    hurry?.addEventListener('abort', tell)
    process.once('exit', kill)
    child.once('error', (error) => {
      reject(new RtbenchError('cannot-run', `${program}: not started (${error.message})`, error))
    })
    child.once('close', () => {
      signal.removeEventListener('abort', stop)
      hurry?.removeEventListener('abort', tell)
      process.off('exit', kill)
      releaseGuard()
      if (printed.length > 0 || signal.aborted) resolve(Buffer.concat(printed).toString())
      else reject(new RtbenchError('cannot-run', `${program}: ${lastLineOf(said)}`))
    })
  })
}

function parse(program: string, stdout: string): Pick<Result, 'runs' | 'missing' | 'tool'> {
  if (stdout === '') return { runs: [], missing: [], tool: { name: 'rtbench', version: '' } }
  try {
    return resultSchema.parse(JSON.parse(stdout))
  } catch (error) {
    throw new RtbenchError('cannot-run', `${program}: what it printed is no result`, error)
  }
}

function lastLineOf(text: string): string {
  const line = text
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^rtbench: /, '')
  return line === undefined || line === '' ? 'ended without a word' : line
}

/** Measures a case run by run, each with a server of its own, as each side of a pair is. */
export function measureServed(
  { file, scenario }: Case,
  revision: Revision,
  { note, ...options }: SeriesOptions & { note(line: string): void },
): Promise<Measurement> {
  const planned = plannedRuns({ scenario, sweep: null })
  const measure = async ({ index, name, repetition }: PlannedRun): Promise<Run> => {
    note(`${scenario.name}: run ${index + 1} of ${planned.length}, ${name} #${repetition}`)
    const seed = seedOf(scenario, repetition)
    const once = { ...scenario, transports: [name], repeat: 1, seed }
    const { runs, failure } = await revision.measure({ file, scenario: once })
    const [run] = runs
    if (run === undefined) throw failure ?? new RtbenchError('cannot-run', ABSENT.stopped)
    return { ...run, repetition }
  }
  return measureSeries(planned, measure, options)
}
