import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CiCase, CiOptions, Judging } from '../cli/ci/options.ts'
import { keepResult } from '../cli/publication.ts'
import { RtbenchError } from '../error.ts'
import type { MeasurementOptions } from '../experiment/experiment.ts'
import { ABSENT, absence, seedOf } from '../experiment/series.ts'
import type { Environment, MissingRun, Result, Run } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'
import type { Measurer, MeasurerOptions } from './baselines.ts'
import {
  type Contender,
  type ContenderPlace,
  type ContenderRun,
  ownContender,
  servedContender,
  servedScenario,
  WORKING,
} from './contender.ts'
import { documentOf } from './document.ts'
import { type SideName, type Turn, turnsOf } from './pair-turn.ts'
import { keeperOf, withSecondChances } from './second-chance.ts'
import { type Take, withSecondLooks } from './second-look.ts'
import { namedBySide } from './side-name.ts'
import {
  buildWorktree,
  commitOf,
  openWorktree,
  readRepository,
  usualBuildOf,
  type Worktree,
} from './worktree.ts'

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
  { setting, folder, judging }: Omit<MeasurerOptions, 'environment' | 'serve'>,
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
    const command = build ?? (await usualBuildOf(worktree))
    const place = `${against} (${worktree.commit}) in a folder for itself`
    progress.note(
      command === null ? `${place}; there is nothing to build` : `building ${place}: ${command}`,
    )
    if (command !== null) await buildWorktree(worktree, command, signal)
    const contenderIn = (place: ContenderPlace): Contender =>
      serve === undefined
        ? ownContender(place.folder, setting)
        : servedContender(serve, place, setting)
    const contenders = {
      baseline: contenderIn({ side: against, folder: worktree.folder }),
      candidate: contenderIn({ side: WORKING, folder: here }),
    }
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
        const scenario = serve === undefined ? asked : servedScenario(asked)
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

interface PairSide {
  readonly contender: Contender
  readonly environment: Environment
}

type Sides = Readonly<Record<SideName, PairSide>>

/** What a side has measured by now, and what not. */
class Account {
  readonly #side: PairSide
  readonly #scenario: Scenario
  readonly #runs: Run[] = []
  readonly #missing: MissingRun[] = []
  /** Those to come. */
  readonly #turns: Set<Turn>
  #tool: Result['tool'] = { name: 'rtbench', version: packageVersion() }

  constructor(side: PairSide, scenario: Scenario, turns: readonly Turn[]) {
    this.#side = side
    this.#scenario = scenario
    this.#turns = new Set(turns)
  }

  add({ runs, missing, tool }: ContenderRun, turn: Turn): void {
    // One that was stopped is neither here nor there.
    if (runs.length + missing.length === 0) return
    this.#turns.delete(turn)
    this.#runs.push(...runs)
    this.#missing.push(...missing)
    this.#tool = tool
  }

  /** The turn could not be measured. */
  miss(turn: Turn, reason: string): void {
    this.#turns.delete(turn)
    this.#missing.push(absenceOf(turn, reason))
  }

  /** Null where nothing was measured; why it was not is the same of all turns to come. */
  document(reason: string): Result | null {
    if (this.#runs.length === 0) return null
    const toCome = [...this.#turns].map((turn) => absenceOf(turn, reason))
    const measured = { runs: [...this.#runs], missing: [...this.#missing, ...toCome] }
    const document = documentOf(this.#scenario, this.#side.environment, measured)
    return { ...document, tool: this.#tool }
  }
}

function absenceOf({ transport, repetition }: Turn, reason: string): MissingRun {
  return absence({ name: transport, repetition, point: undefined }, reason)
}

interface PairSetting
  extends Pick<MeasurementOptions, 'progress' | 'signal'>,
    Pick<Judging, 'deterministicOnly'>,
    Pick<MeasurerOptions, 'folder'> {}

/** Run by run, A B B A, so that a drift of the machine favours neither side. */
async function measurePair(
  one: CiCase,
  sides: Sides,
  setting: PairSetting,
  { ref }: Worktree,
): Promise<Take> {
  const { scenario } = one
  const { progress, signal, folder } = setting
  const turns = turnsOf(scenario)
  const accountOf = (name: SideName): Account =>
    new Account(
      sides[name],
      scenario,
      turns.filter(({ side }) => side === name),
    )
  const accounts = { baseline: accountOf('baseline'), candidate: accountOf('candidate') }
  const names = { baseline: ref, candidate: WORKING }
  const files = {
    baseline: (result: Result) => namedBySide(result, ref),
    candidate: (result: Result) => namedBySide(result, null),
  }
  let failure: Error | null = null
  for (const turn of turns) {
    if (signal.aborted || failure !== null) break
    const { transport, repetition, side } = turn
    progress.note(`${scenario.name}: ${transport} #${repetition} of ${names[side]}`)
    const account = accounts[side]
    try {
      const run = await measureTurn(one, turn, sides[side], setting, files[side])
      account.add(run, turn)
      failure = run.failure === null ? null : ofSide(run.failure, names[side])
    } catch (error) {
      if (signal.aborted) continue
      failure = ofSide(error, names[side])
      account.miss(turn, failure.message)
      continue
    }
    const soFar = account.document(ABSENT.notYet)
    if (soFar !== null) await keepResult(files[side](soFar), folder)
  }
  const reason = failure === null ? ABSENT.stopped : ABSENT.afterFailure
  return {
    candidate: accounts.candidate.document(reason),
    baseline: accounts.baseline.document(reason),
    against: ref,
    failure,
  }
}

/** One run of a side, by the schedule of its repetition; once more where it was late and times matter. */
async function measureTurn(
  { file, scenario }: CiCase,
  { transport, repetition }: Turn,
  { contender, environment }: PairSide,
  { progress, signal, deterministicOnly, folder }: PairSetting,
  named: (result: Result) => Result,
): Promise<ContenderRun> {
  const seed = seedOf(scenario, repetition)
  const once = { ...scenario, transports: [transport], repeat: 1, seed }
  const first = await contender.measure({ file, scenario: once })
  const measured: ContenderRun = {
    ...first,
    // An older rtbench does not tell a run's seed.
    runs: first.runs.map((run) => ({ seed, ...run, repetition })),
    missing: first.missing.map((run) => ({ ...run, repetition })),
  }
  if (deterministicOnly) return measured
  const retried = await withSecondChances(measured, once, {
    signal,
    again: (again) => contender.measure({ file, scenario: again }),
    keep: keeperOf(named({ ...documentOf(once, environment, measured), tool: first.tool }), folder),
    note: (line) => progress.note(line),
  })
  return { ...measured, ...retried }
}

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
