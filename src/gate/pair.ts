import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { documentOf, type MeasurementOptions } from '../experiment/experiment.ts'
import { ABSENT, absence, seedOf } from '../experiment/series.ts'
import type { Environment, MissingRun, Result, Run } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import { safeFileName } from '../result/store.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'
import type { Judging } from './judge.ts'
import type { Measurer, MeasurerOptions } from './measurer.ts'
import { type Attempt, keeperOf, withLateRetries, withRegressionRetries } from './retry.ts'
import {
  type Case,
  ownRevision,
  type Revision,
  type RevisionPlace,
  type RevisionRun,
  servedRevision,
  servedScenario,
  WORKING,
} from './revision.ts'
import { buildWorktree, commitOf, openWorktree, readRepository, usualBuildOf } from './worktree.ts'

/**
 * How often a pair is measured at most: both sides were measured in the same minutes, so that chance
 * alone is in doubt, and one attempt more leaves little of it.
 */
const MOST_ATTEMPTS = 2

export interface PairOptions {
  /** Any name of the other commit. */
  readonly against: string
  /** Builds the other commit; by default as it is usual. */
  readonly build?: string | undefined
  /** Starts the server to be measured; by default rtbench measures its own. */
  readonly serve?: string | undefined
}

/**
 * The working folder and another commit, measured in turn on this machine. Checks the other commit
 * out and builds it; the working folder is measured as it stands.
 * @throws RtbenchError `usage`, `cannot-run`; nothing is left then
 */
export async function openPair(
  { against, build, serve }: PairOptions,
  { setting, keeper, judging }: Pick<MeasurerOptions, 'setting' | 'keeper' | 'judging'>,
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
    const sideIn = async (place: RevisionPlace, ref: string | null): Promise<PairSide> => ({
      name: place.side,
      revision:
        serve === undefined
          ? ownRevision(place.folder, setting)
          : servedRevision(serve, place, setting),
      environment: await readEnvironment(place.folder),
      stored: (result) => namedBySide(result, ref),
    })
    // By the moment of its start each attempt is stored beside the others, and not over them.
    const sides = async (): Promise<Sides> => ({
      baseline: await sideIn({ side: against, folder: worktree.folder }, against),
      candidate: await sideIn({ side: WORKING, folder: here }, null),
    })
    return {
      measure: async ({ file, scenario: asked }) => {
        const scenario = serve === undefined ? asked : servedScenario(asked)
        const measure = async (transports: readonly string[]): Promise<Attempt> =>
          measurePair({ file, scenario: { ...scenario, transports } }, await sides(), {
            ...setting,
            deterministicOnly: judging.deterministicOnly,
            keeper,
          })
        return withRegressionRetries(await measure(scenario.transports), {
          most: MOST_ATTEMPTS,
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
  readonly revision: Revision
  readonly environment: Environment
  /** As people speak of it. */
  readonly name: string
  /** A result as it is stored. */
  stored(result: Result): Result
}

type Sides = Readonly<Record<SideName, PairSide>>

/** What a side has measured by now, and what not. */
class Account {
  readonly side: PairSide
  readonly #scenario: Scenario
  readonly #runs: Run[] = []
  readonly #missing: MissingRun[] = []
  /** Those to come. */
  readonly #planned: Set<PlannedRun>
  #tool: Result['tool'] = { name: 'rtbench', version: packageVersion() }

  constructor(side: PairSide, scenario: Scenario, plannedRuns: readonly PlannedRun[]) {
    this.side = side
    this.#scenario = scenario
    this.#planned = new Set(plannedRuns)
  }

  add({ runs, missing, tool }: RevisionRun, planned: PlannedRun): void {
    // One that was stopped is neither here nor there.
    if (runs.length + missing.length === 0) return
    this.#planned.delete(planned)
    this.#runs.push(...runs)
    this.#missing.push(...missing)
    this.#tool = tool
  }

  /** The run could not be measured. */
  miss(planned: PlannedRun, reason: string): void {
    this.#planned.delete(planned)
    this.#missing.push(absenceOf(planned, reason))
  }

  /** Null where nothing was measured; why it was not is the same of all runs to come. */
  document(reason: string): Result | null {
    if (this.#runs.length === 0) return null
    const toCome = [...this.#planned].map((planned) => absenceOf(planned, reason))
    const measured = { runs: [...this.#runs], missing: [...this.#missing, ...toCome] }
    const document = documentOf({ scenario: this.#scenario }, this.side.environment, measured)
    return { ...document, tool: this.#tool }
  }
}

function absenceOf({ transport, repetition }: PlannedRun, reason: string): MissingRun {
  return absence({ name: transport, repetition, point: undefined }, reason)
}

interface PairSetting
  extends Pick<MeasurementOptions, 'progress' | 'signal'>,
    Pick<Judging, 'deterministicOnly'>,
    Pick<MeasurerOptions, 'keeper'> {}

/** Run by run, A B B A, so that a drift of the machine favours neither side. */
async function measurePair(one: Case, sides: Sides, setting: PairSetting): Promise<Attempt> {
  const { scenario } = one
  const { progress, signal, keeper } = setting
  const plannedRuns = plannedRunsOf(scenario)
  const accountOf = (name: SideName): Account =>
    new Account(
      sides[name],
      scenario,
      plannedRuns.filter(({ side }) => side === name),
    )
  const accounts = { baseline: accountOf('baseline'), candidate: accountOf('candidate') }
  let failure: Error | null = null
  for (const planned of plannedRuns) {
    if (signal.aborted || failure !== null) break
    const { transport, repetition } = planned
    const account = accounts[planned.side]
    const { side } = account
    progress.note(`${scenario.name}: ${transport} #${repetition} of ${side.name}`)
    try {
      const run = await measurePlanned(one, planned, side, setting)
      account.add(run, planned)
      failure = run.failure === null ? null : ofSide(run.failure, side)
    } catch (error) {
      if (signal.aborted) continue
      failure = ofSide(error, side)
      account.miss(planned, failure.message)
      continue
    }
    const soFar = account.document(ABSENT.notYet)
    if (soFar !== null) await keeper.soFar(side.stored(soFar))
  }
  const reason = failure === null ? ABSENT.stopped : ABSENT.afterFailure
  return {
    candidate: accounts.candidate.document(reason),
    baseline: accounts.baseline.document(reason),
    against: sides.baseline.name,
    failure,
  }
}

/** One run of a side, by the schedule of its repetition; once more where it was late and times matter. */
async function measurePlanned(
  { file, scenario }: Case,
  { transport, repetition }: PlannedRun,
  { revision, environment, stored }: PairSide,
  { progress, signal, deterministicOnly, keeper }: PairSetting,
): Promise<RevisionRun> {
  const seed = seedOf(scenario, repetition)
  const once = { ...scenario, transports: [transport], repeat: 1, seed }
  const first = await revision.measure({ file, scenario: once })
  const measured: RevisionRun = {
    ...first,
    // An older rtbench does not tell a run's seed.
    runs: first.runs.map((run) => ({ seed, ...run, repetition })),
    missing: first.missing.map((run) => ({ ...run, repetition })),
  }
  if (deterministicOnly) return measured
  const retried = await withLateRetries(measured, once, {
    signal,
    again: (again) => revision.measure({ file, scenario: again }),
    keep: keeperOf(
      stored({ ...documentOf({ scenario: once }, environment, measured), tool: first.tool }),
      keeper.attempt,
    ),
    note: (line) => progress.note(line),
  })
  return { ...measured, ...retried }
}

function ofSide(error: unknown, { name }: PairSide): Error {
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

type SideName = 'baseline' | 'candidate'

/** One run of a side of a pair. */
interface PlannedRun {
  readonly transport: string
  readonly repetition: number
  readonly side: SideName
}

/** Every repetition begins with the other side, and with another transport. */
export function plannedRunsOf({
  transports,
  repeat,
}: Pick<Scenario, 'transports' | 'repeat'>): PlannedRun[] {
  return Array.from({ length: repeat }, (_, round) =>
    transports.flatMap((_, place) => {
      const transport = transports[(place + round) % transports.length] as string
      const sides = round % 2 === 0 ? ORDER : ORDER.toReversed()
      return sides.map((side) => ({ transport, repetition: round + 1, side }))
    }),
  ).flat()
}

const ORDER: readonly SideName[] = ['baseline', 'candidate']

/** As much of a reference's name tells it from another one. */
const MOST_CHARACTERS = 30

/**
 * A side's result as it is stored: by the name of its scenario and its side, `chat.main` or
 * `chat.working`, for both are of one moment and, without changes, of one commit.
 * @param ref of the other commit; null is the working folder
 */
export function namedBySide(result: Result, ref: string | null): Result {
  const side = ref === null ? 'working' : safeFileName(ref).slice(0, MOST_CHARACTERS) || 'other'
  return { ...result, scenario: { ...result.scenario, name: `${result.scenario.name}.${side}` } }
}
