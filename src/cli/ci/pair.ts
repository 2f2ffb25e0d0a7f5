import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RtbenchError } from '../../error.ts'
import type { MeasurementOptions } from '../../experiment/measurement.ts'
import { packageVersion } from '../../experiment/version.ts'
import type { Environment, MissingRun, Result, Run } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { keepResult } from '../publication.ts'
import type { Measurer, MeasurerOptions } from './baselines.ts'
import {
  type Contender,
  type ContenderRun,
  ownContender,
  pathOf,
  servedContender,
} from './contender.ts'
import { documentOf } from './document.ts'
import type { CiCase, CiOptions, Judging } from './options.ts'
import { keepReplaced, withSecondChances } from './second-chance.ts'
import { type Take, withSecondLooks } from './second-look.ts'
import { buildWorktree, commitOf, openWorktree, readRepository, type Worktree } from './worktree.ts'

/**
 * How often a pair is measured at most: both sides were measured in the same minutes, so that chance
 * alone is in doubt, and one look more leaves little of it.
 */
const LOOKS = 2

/**
 * The working folder and another commit, measured in turn on this machine. Checks the other commit
 * out and builds it; the working folder is measured as it stands.
 * @throws RtbenchError `usage`, `cannot-run`; nothing is left then
 */
export async function openPair(
  { against = 'HEAD', build, serve }: CiOptions,
  { setting, folder, judging }: Omit<MeasurerOptions, 'environment'>,
): Promise<Measurer> {
  const here = process.cwd()
  const repository = await readRepository(here)
  const commit = await commitOf(repository, against)
  if (serve === undefined) await assertOwn(here)
  const { progress, signal } = setting
  const worktree = await openWorktree(repository, { ref: against, commit }, signal)
  try {
    if (repository.isDirty) {
      progress.note('the working folder has changes that are in no commit; they are measured, too')
    }
    progress.note(`building ${against} (${worktree.commit}) in a folder for itself`)
    await buildWorktree(worktree, build ?? null, signal)
    const contenderIn = (path: string): Contender =>
      serve === undefined ? ownContender(path, setting) : servedContender(serve, path, setting)
    const contenders = { baseline: contenderIn(worktree.folder), candidate: contenderIn(here) }
    // By the moment of its start each look is stored beside the others, and not over them.
    const sides = async (): Promise<Sides> => ({
      baseline: {
        contender: contenders.baseline,
        environment: await readEnvironment(worktree.folder),
      },
      candidate: { contender: contenders.candidate, environment: await readEnvironment(here) },
    })
    return {
      measure: async ({ file, scenario: asked }) => {
        const scenario = serve === undefined ? asked : served(asked)
        const measure = async (transports: readonly string[]): Promise<Take> =>
          measurePair(
            { file, scenario: { ...scenario, transports } },
            await sides(),
            { ...setting, deterministicOnly: judging.deterministicOnly, folder },
            worktree,
          )
        return withSecondLooks(await measure(scenario.transports), {
          most: LOOKS,
          judging,
          signal,
          again: (transports) => {
            progress.note(
              `${scenario.name}: ${transports.join(', ')} regressed; both sides once more`,
            )
            return measure(transports)
          },
        })
      },
      close: () => worktree.close(),
    }
  } catch (error) {
    await worktree.close()
    throw error
  }
}

/** As results tell of it: the port is another one for each run. */
function served(scenario: Scenario): Scenario {
  return { ...scenario, url: `http://127.0.0.1:{port}${pathOf(scenario)}` }
}

interface PairSide {
  readonly contender: Contender
  readonly environment: Environment
}

interface Sides {
  readonly baseline: PairSide
  readonly candidate: PairSide
}

/** What a side has measured by now. */
class Account {
  readonly runs: Run[] = []
  readonly missing: MissingRun[] = []
  tool: Result['tool'] = { name: 'rtbench', version: packageVersion() }

  add({ runs, missing, tool }: ContenderRun, repetition: number, seed: number): void {
    // An older rtbench does not tell a run's seed.
    this.runs.push(...runs.map((run) => ({ seed, ...run, repetition })))
    this.missing.push(...missing.map((run) => ({ ...run, repetition })))
    this.tool = tool
  }

  /** Null where nothing was measured. */
  document(scenario: Scenario, environment: Environment): Result | null {
    if (this.runs.length === 0) return null
    return { ...documentOf(scenario, environment, this), tool: this.tool }
  }
}

interface PairSetting
  extends Pick<MeasurementOptions, 'progress' | 'signal'>,
    Pick<Judging, 'deterministicOnly'>,
    Pick<MeasurerOptions, 'folder'> {}

/** Run by run, A B B A, so that a drift of the machine favours neither side. */
async function measurePair(
  { file, scenario }: CiCase,
  sides: Sides,
  { progress, signal, deterministicOnly, folder }: PairSetting,
  { ref }: Worktree,
): Promise<Take> {
  const accounts = { baseline: new Account(), candidate: new Account() }
  const names = { baseline: ref, candidate: 'the working folder' }
  let failure: Error | null = null
  for (const { transport, repetition, side } of turnsOf(scenario)) {
    if (signal.aborted || failure !== null) break
    progress.note(`${scenario.name}: ${transport} #${repetition} of ${names[side]}`)
    const seed = (scenario.seed + repetition - 1) % 2 ** 32
    const turn = { ...scenario, transports: [transport], repeat: 1, seed }
    const { contender, environment } = sides[side]
    const account = accounts[side]
    try {
      const first = await contender.measure({ file, scenario: turn })
      const { replaced, ...run } = deterministicOnly
        ? { ...first, replaced: [] }
        : await withSecondChances(first, turn, async (once) => {
            if (signal.aborted) return { runs: [], missing: [], failure: null }
            progress.note('it was late: once more')
            return contender.measure({ file, scenario: once })
          })
      account.add({ ...first, ...run }, repetition, seed)
      failure = run.failure
      const soFar = account.document(scenario, environment)
      if (soFar === null) continue
      await keepResult(soFar, folder)
      const late = replaced.map((run) => ({ seed, ...run, repetition }))
      await keepReplaced(late, soFar, folder)
    } catch (error) {
      if (!signal.aborted) failure = ofSide(error, names[side])
    }
  }
  return {
    candidate: accounts.candidate.document(scenario, sides.candidate.environment),
    baseline: accounts.baseline.document(scenario, sides.baseline.environment),
    paired: true,
    failure,
  }
}

interface Turn {
  readonly transport: string
  readonly repetition: number
  readonly side: keyof Sides
}

/** Every repetition begins with the other side, and with another transport. */
export function turnsOf({ transports, repeat }: Pick<Scenario, 'transports' | 'repeat'>): Turn[] {
  return Array.from({ length: repeat }, (_, round) =>
    transports.flatMap((_, place) => {
      const transport = transports[(place + round) % transports.length] as string
      const sides = round % 2 === 0 ? ORDER : ORDER.toReversed()
      return sides.map((side) => ({ transport, repetition: round + 1, side }))
    }),
  ).flat()
}

const ORDER: readonly (keyof Sides)[] = ['baseline', 'candidate']

function ofSide(error: unknown, name: string): Error {
  const { message } = error as Error
  return new RtbenchError('cannot-run', `${name}: ${message}`, error)
}

/** Only of rtbench itself there is a program that measures. */
async function assertOwn(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  if (/"name"\s*:\s*"rtbench"/.test(text)) return
  throw new RtbenchError(
    'usage',
    "--against: say how your server is started, as in --serve 'node server.js --port {port}'",
  )
}
