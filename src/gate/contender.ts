import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { CiCase } from '../cli/ci/options.ts'
import { RtbenchError } from '../error.ts'
import { type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import type { Measurement } from '../experiment/series.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import { type Result, resultSchema } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'
import { guardGroup } from './guard.ts'
import { explainedError, obituaryOf, withObituary } from './obituary.ts'
import { startServed } from './served.ts'

/** How long an rtbench of another commit may take to end when it is told to. */
const PATIENCE_MS = 15_000

/** What one side of a pair measured of one run. */
export interface ContenderRun extends Measurement {
  readonly tool: Result['tool']
}

/** One side of a pair: how a commit is measured. */
export interface Contender {
  /** Measures one transport of a case once, with fresh processes. */
  measure(one: CiCase): Promise<ContenderRun>
}

/** A side of a pair, as people speak of it, and where it is. */
export interface ContenderPlace {
  readonly side: string
  readonly folder: string
}

/** A commit of somebody's server: it is started for each run, and measured by this program. */
export function servedContender(
  command: string,
  { side, folder }: ContenderPlace,
  options: MeasurementOptions,
): Contender {
  const quiet = { ...options, progress: new ProgressWriter(process.stderr, { quiet: true }) }
  return {
    async measure({ scenario }) {
      const served = await startServed(command, folder, pathOf(scenario), options.signal)
      const measuring = measureScenario({ ...scenario, url: served.url }, quiet)
      const measured = await measuring.catch((error: Error) => error)
      const { end } = served
      await served.stop()
      const obituary = end === null ? null : obituaryOf(side, end, served.lastLine)
      if (measured instanceof Error) {
        throw obituary === null ? measured : explainedError(measured, obituary)
      }
      const told = obituary === null ? measured : withObituary(measured, obituary)
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
export function ownContender(folder: string, options: MeasurementOptions): Contender {
  const program = join(folder, 'bin', 'rtbench.js')
  return {
    async measure({ file, scenario }) {
      const stdout = await runProgram(program, runArguments(file, scenario), options)
      const { runs, missing, tool } = parse(program, stdout)
      return { runs, missing, tool, failure: null }
    },
  }
}

function runArguments(file: string, { transports, seed, repeat }: Scenario): readonly string[] {
  return [
    ...['run', resolve(file), '--transport', transports.join(','), '--seed', String(seed)],
    ...['--repeat', String(repeat), '--json', '--no-save', '--quiet'],
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
