import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { faultOf } from '../compare/evidence.ts'
import { RtbenchError } from '../error.ts'
import { documentOf, type MeasurementOptions } from '../experiment/experiment.ts'
import { absence, seedOf } from '../experiment/series.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import type { Environment, MissingRun, Result, Run } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import type { Judgement } from '../result/judgement.ts'
import { safeFileName } from '../result/store.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { writeDuration } from '../scenario/units.ts'
import { counted } from '../text.ts'
import { packageVersion } from '../version.ts'
import { fairly, type LeftOut } from './fairness.ts'
import { type Judged, type Judging, judge, withoutTiming } from './judge.ts'
import { Looks } from './looks.ts'
import type { Measured, Measurer, MeasurerOptions } from './measurer.ts'
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

export interface PairOptions {
  /** Any name of the other commit. */
  readonly against: string
  /** Builds the other commit; by default as it is usual. */
  readonly build?: string | undefined
  /** Starts the server to be measured; by default rtbench measures its own. */
  readonly serve?: string | undefined
  /** How long a case is measured at most, in ms. */
  readonly budgetMs: (one: Case) => number
  /** Pairs of each transport at most; null where the time alone is the limit. */
  readonly mostPairs: number | null
}

/**
 * The working folder and another commit, measured in turn on this machine. Checks the other commit
 * out and builds it; the working folder is measured as it stands.
 * @throws RtbenchError `usage`, `cannot-run`; nothing is left then
 */
export async function openPair(
  { against, build, serve, budgetMs, mostPairs }: PairOptions,
  { setting, keep, judging }: Pick<MeasurerOptions, 'setting' | 'keep' | 'judging'>,
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
    return {
      measure: async ({ file, scenario: asked }) => {
        const scenario = serve === undefined ? asked : servedScenario(asked)
        const sides = {
          baseline: await sideIn({ side: against, folder: worktree.folder }, against),
          candidate: await sideIn({ side: WORKING, folder: here }, null),
        }
        const limits = { budgetMs: budgetMs({ file, scenario }), mostPairs }
        return measureInTurn({ file, scenario }, sides, {
          ...setting,
          ...limits,
          keep,
          judging,
          now: () => performance.now(),
        })
      },
      close: () => worktree.close(),
    }
  } catch (error) {
    await worktree.close()
    throw error
  }
}

/** A side of a pair. */
interface PairSide {
  readonly revision: Revision
  readonly environment: Environment
  /** As people speak of it. */
  readonly name: string
  /** A result as it is stored. */
  stored(result: Result): Result
}

export type Sides = Readonly<Record<SideName, PairSide>>

/** What a side has measured by now. */
class Account {
  readonly side: PairSide
  readonly #scenario: Scenario
  readonly #counts: (run: Run) => boolean
  readonly #runs: Run[] = []
  readonly #missing: MissingRun[] = []
  #repeat = 1
  #tool: Result['tool'] = { name: 'rtbench', version: packageVersion() }

  constructor(side: PairSide, scenario: Scenario, { deterministicOnly }: Judging) {
    this.side = side
    this.#scenario = scenario
    // As it is judged then.
    this.#counts = (run) => faultOf(deterministicOnly ? withoutTiming(run) : run) === null
  }

  add({ runs, missing, tool }: RevisionRun, { repetition }: PlannedRun): void {
    // One that was stopped is neither here nor there.
    if (runs.length + missing.length === 0) return
    this.#runs.push(...runs)
    this.#missing.push(...missing)
    this.#repeat = repetition
    this.#tool = tool
  }

  /** The run could not be measured. */
  miss({ transport, repetition }: PlannedRun, reason: string): void {
    this.#missing.push(absence({ name: transport, repetition, point: undefined }, reason))
  }

  /**
   * Null where nothing was measured.
   * @param isSound leaves out the runs of which it is false
   */
  document(isSound: (run: Run) => boolean = () => true): Result | null {
    const runs = this.#runs.filter(isSound)
    if (runs.length === 0) return null
    const scenario = { ...this.#scenario, repeat: this.#repeat }
    const measured = { runs, missing: [...this.#missing] }
    return { ...documentOf({ scenario }, this.side.environment, measured), tool: this.#tool }
  }

  /** Repetitions of a transport that do not count, whatever the other side's are. */
  spoilt(transport: string): readonly number[] {
    return this.#repetitions(transport, (run) => !this.#counts(run))
  }

  /** Those of which a figure is not judged: of latencies also those of which too much is the instrument's own. */
  leftOut({ transport, lowerBound }: Judgement): LeftOut {
    const isOut = (run: Run): boolean =>
      !this.#counts(run) || (lowerBound !== undefined && isLateWithBounds(run))
    return { name: this.side.name, repetitions: new Set(this.#repetitions(transport, isOut)) }
  }

  #repetitions(transport: string, isSo: (run: Run) => boolean): readonly number[] {
    return this.#runs
      .filter((run) => run.transport === transport && isSo(run))
      .map(({ repetition }) => repetition)
  }

  pairs(transport: string): number {
    return this.#repetitions(transport, () => true).length
  }
}

export interface PairSetting extends Pick<MeasurementOptions, 'progress' | 'signal'> {
  readonly budgetMs: number
  readonly mostPairs: number | null
  readonly judging: Judging
  keep(soFar: Result): Promise<void>
  /** Ms of a clock that only goes on. */
  now(): number
}

/**
 * Run by run, A B B A, so that a drift of the machine favours neither side, until all that is judged can be told or
 * the time is spent. A pair of which a run does not count is not judged, and the next one takes its place.
 */
export async function measureInTurn(
  one: Case,
  sides: Sides,
  setting: PairSetting,
): Promise<Measured> {
  const { scenario } = one
  const { progress, signal, judging, budgetMs, mostPairs, now } = setting
  const accounts = {
    baseline: new Account(sides.baseline, scenario, judging),
    candidate: new Account(sides.candidate, scenario, judging),
  }
  const documents = (isSound?: (run: Run) => boolean): Pick<Measured, SideName> => ({
    baseline: accounts.baseline.document(isSound),
    candidate: accounts.candidate.document(isSound),
  })
  const measured = (judged: Judged | null, failure: Error | null): Measured => ({
    ...documents(),
    against: sides.baseline.name,
    failure,
    judged,
  })
  const looks = new Looks()
  const look = (level: number, earlier: Judged | null): Judged | null => {
    const spoilt = spoiltPairs(scenario.transports, accounts)
    const { baseline, candidate } = documents(
      ({ transport, repetition }) =>
        !spoilt.some((pair) => pair.transport === transport && pair.repetition === repetition),
    )
    if (candidate === null || baseline === null) return earlier
    const found = judge(candidate, baseline, {
      ...judging,
      ...{ level, isPaired: true, earlier },
      fairly: (judgement) =>
        fairly(judgement, {
          baseline: accounts.baseline.leftOut(judgement),
          candidate: accounts.candidate.leftOut(judgement),
          pairs: accounts.candidate.pairs(judgement.transport),
        }),
    })
    return { ...found, notes: [...spoiltNotes(spoilt, accounts), ...found.notes] }
  }
  const beganMs = now()
  let open: readonly string[] = scenario.transports
  let judged: Judged | null = null
  for (let round = 0; open.length > 0; round++) {
    for (const planned of plannedRound(open, round)) {
      const spent = `${wholeSeconds(now() - beganMs)} of ${writeDuration(budgetMs)} spent`
      const failure = await measureTurn(one, planned, accounts[planned.side], spent, setting)
      if (signal.aborted || failure !== null) return measured(look(looks.last(), judged), failure)
    }
    const spentMs = now() - beganMs
    const isLast = round + 1 === mostPairs || spentMs + spentMs / (round + 1) > budgetMs
    const level = isLast ? looks.last() : looks.due(spentMs / budgetMs)
    if (level === null) continue
    judged = look(level, judged)
    open = judged?.open ?? open
    progress.note(progressOf(scenario, judged, round + 1))
    if (isLast) break
  }
  return measured(judged, null)
}

function wholeSeconds(ms: number): string {
  return writeDuration(Math.round(ms / 1000) * 1000)
}

function progressOf({ name }: Scenario, judged: Judged | null, pairs: number): string {
  const open = judged?.open ?? []
  return `${name}: ${pairs} pairs; ${open.length === 0 ? 'all is told' : `${open.join(', ')} still open`}`
}

/** Measures one run of a side; what kept it from being measured, or null. */
async function measureTurn(
  { file, scenario }: Case,
  planned: PlannedRun,
  account: Account,
  spent: string,
  { progress, signal, keep }: PairSetting,
): Promise<Error | null> {
  const { transport, repetition } = planned
  const { side } = account
  progress.note(`${scenario.name}: ${transport} #${repetition} of ${side.name}; ${spent}`)
  const seed = seedOf(scenario, repetition)
  const once = { ...scenario, transports: [transport], repeat: 1, seed }
  try {
    const measured = await side.revision.measure({ file, scenario: once })
    const renumbered: RevisionRun = {
      ...measured,
      // An older rtbench does not tell a run's seed.
      runs: measured.runs.map((run) => ({ seed, ...run, repetition })),
      missing: measured.missing.map((run) => ({ ...run, repetition })),
    }
    account.add(renumbered, planned)
    if (measured.failure !== null) return ofSide(measured.failure, side)
  } catch (error) {
    if (signal.aborted) return null
    const failure = ofSide(error, side)
    account.miss(planned, failure.message)
    return failure
  }
  const soFar = account.document()
  if (soFar !== null) await keep(side.stored(soFar))
  return null
}

interface SpoiltPair {
  readonly transport: string
  readonly repetition: number
}

function spoiltPairs(transports: readonly string[], accounts: Accounts): readonly SpoiltPair[] {
  return transports.flatMap((transport) => {
    const repetitions = Object.values(accounts).flatMap((account) => account.spoilt(transport))
    return [...new Set(repetitions)].map((repetition) => ({ transport, repetition }))
  })
}

type Accounts = Readonly<Record<SideName, Account>>

/** By side, so that a reader sees whether one of them loses more: then the slow moments of that one are what is left out. */
function spoiltNotes(spoilt: readonly SpoiltPair[], accounts: Accounts): readonly string[] {
  return [...new Set(spoilt.map(({ transport }) => transport))].map((transport) => {
    const count = spoilt.filter((pair) => pair.transport === transport).length
    const sides = Object.values(accounts).map(
      (account) => `${account.spoilt(transport).length} of ${account.side.name}`,
    )
    return `${transport}: ${counted(count, 'pair')} left out and measured anew, for runs that do not count: ${sides.join(', ')}`
  })
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
export function plannedRound(transports: readonly string[], round: number): readonly PlannedRun[] {
  const sides = round % 2 === 0 ? ORDER : ORDER.toReversed()
  return transports.flatMap((_, place) => {
    const transport = transports[(place + round) % transports.length] as string
    return sides.map((side) => ({ transport, repetition: round + 1, side }))
  })
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
