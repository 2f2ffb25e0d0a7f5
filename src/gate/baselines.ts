import { type CiCase, type CiOptions, type Judging, judgingOf } from '../cli/ci/options.ts'
import { gravestOf } from '../cli/end.ts'
import { ExitCode, exitCodeOf } from '../cli/exit-code.ts'
import { keepResult } from '../cli/publication.ts'
import { assertSameScenario } from '../compare/comparable.ts'
import { RtbenchError } from '../error.ts'
import { type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import type { Measurement } from '../experiment/series.ts'
import type { Environment, Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { baselinePath, readBaseline, writeBaseline } from './baseline.ts'
import { servedContender, WORKING } from './contender.ts'
import { documentOf } from './document.ts'
import type { Gated } from './gate.ts'
import { isTimed } from './judge.ts'
import { ATTEMPTS, keeperOf, withSecondChances } from './second-chance.ts'
import { type Looked, type Take, withSecondLooks } from './second-look.ts'
import { measureServed } from './served-series.ts'
import { updateLine } from './update-line.ts'

/** How cases are measured, and with what. */
export interface Measurer {
  measure(one: CiCase): Promise<Looked>
  close(): Promise<void>
}

/** What measuring takes beside a case. */
export interface MeasurerOptions {
  readonly environment: Environment
  readonly setting: MeasurementOptions
  /** Where results go; null saves nothing. */
  readonly folder: string | null
  readonly judging: Judging
  /** Starts the server of a run; null where one runs already, or rtbench's own is measured. */
  readonly serve: string | null
}

/** The stored baselines of some scenarios. */
export class Baselines {
  /** Null where there is no folder of them. */
  readonly #folder: string | null
  readonly #byName: ReadonlyMap<string, Result>
  /** What is measured becomes the baseline. */
  readonly updating: boolean
  /** One line each. */
  readonly notes: readonly string[]

  private constructor(
    folder: string | null,
    byName: ReadonlyMap<string, Result>,
    updating: boolean,
    notes: readonly string[],
  ) {
    this.#folder = folder
    this.#byName = byName
    this.updating = updating
    this.notes = notes
  }

  /**
   * Reads them before anything is measured.
   * @throws RtbenchError `bad-result`, or `usage` where one is of another scenario, or missing and
   *   required
   */
  static async read(cases: readonly CiCase[], options: CiOptions): Promise<Baselines> {
    const { baseline: folder } = options
    const updating = options.updateBaseline ?? false
    if (folder === undefined) {
      const gaps = options.against === undefined ? cases.map((one) => gapOf(one, options)) : []
      const told = gaps.filter((gap) => gap !== null)
      return new Baselines(null, new Map(), false, told)
    }
    const byName = new Map<string, Result>()
    const notes: string[] = []
    for (const one of cases) {
      const { name } = one.scenario
      const known = await readOrReplace(folder, name, updating)
      if (known instanceof RtbenchError) {
        notes.push(`${known.message}; --update-baseline replaces it`)
      } else if (known === null) {
        const note = absence(one, folder, options)
        if (options.requireBaseline && !updating) throw new RtbenchError('usage', note)
        const judged =
          gapOf(one, options) === null ? 'its thresholds alone are judged' : NOTHING_JUDGED
        if (!updating) notes.push(`${note}; ${judged}`)
      } else if (fits(known, one, folder, updating)) {
        byName.set(name, known)
        const gaps = updating ? [] : gapsBetween(known, one, folder)
        const [gap] = gaps
        if (gap !== undefined && options.requireBaseline) throw new RtbenchError('usage', gap.text)
        notes.push(...gaps.map(({ text, consequence }) => `${text}; ${consequence}`))
      }
    }
    return new Baselines(folder, byName, updating, notes)
  }

  /**
   * Measures the cases by this program. The baseline was measured at another time: what regressed since
   * then must show each time, for the machine may have had other things to do.
   */
  measurer(options: MeasurerOptions): Measurer {
    const { environment, setting, judging } = options
    const { signal, progress } = setting
    return {
      measure: async ({ file, scenario }) => {
        const baseline = this.#byName.get(scenario.name) ?? null
        const measure = async (one: Scenario, environment: Environment): Promise<Take> => {
          const measurement = await measureOnce(
            { file, scenario: one },
            { ...options, environment },
          )
          const { runs, failure } = measurement
          const candidate = runs.length === 0 ? null : documentOf(one, environment, measurement)
          return { candidate, baseline, against: null, failure }
        }
        return withSecondLooks(await measure(scenario, environment), {
          most: this.updating ? 1 : ATTEMPTS,
          judging,
          signal,
          again: async (transports) => {
            progress.note(
              `${scenario.name}: ${transports.join(', ')} regressed; once more, to be sure`,
            )
            // By another moment of its start it is stored beside the first look, and not over it.
            return measure({ ...scenario, transports }, await readEnvironment())
          },
        })
      },
      close: async () => {},
    }
  }

  /** Stores what was measured, where it is fit for it; tells how that went. */
  async update(gated: readonly Gated[]): Promise<ExitCode> {
    if (!this.updating || this.#folder === null) return ExitCode.done
    const codes: ExitCode[] = []
    for (const { candidate, code, suite } of gated) {
      if (candidate === null) continue
      try {
        if (code !== ExitCode.done) {
          const why = `it ended with exit code ${code}`
          throw new RtbenchError(
            'not-written',
            `the baseline of ${suite.name} is as it was: ${why}`,
          )
        }
        const path = await writeBaseline(this.#folder, candidate)
        process.stderr.write(`stored ${path}\n`)
      } catch (error) {
        if (!(error instanceof RtbenchError)) throw error
        process.stderr.write(`rtbench: ${error.message}\n`)
        codes.push(code === ExitCode.done ? exitCodeOf(error.code) : code)
      }
    }
    return gravestOf(codes)
  }
}

/** The runs of a case; what was late is measured again, where times are judged. */
async function measureOnce(
  { file, scenario }: CiCase,
  { environment, setting, folder, judging, serve }: MeasurerOptions,
): Promise<Measurement> {
  const { signal, progress } = setting
  const note = (line: string): void => progress.note(line)
  const onRun = (soFar: Measurement): Promise<void> =>
    keepResult(documentOf(scenario, environment, soFar), folder)
  // A run by itself does not know that it is one of several.
  const alone = { ...setting, withEcho: scenario.repeat > 1 }
  const place = { side: WORKING, folder: process.cwd() }
  const contender = serve === null ? null : servedContender(serve, place, alone)
  const measuring =
    contender === null
      ? measureScenario(scenario, { ...setting, onRun })
      : measureServed({ file, scenario }, contender, { signal, onRun, note })
  const first = await measuring.catch((failure: Error) => ({ runs: [], missing: [], failure }))
  if (judging.deterministicOnly) return first
  return withSecondChances(first, scenario, {
    signal,
    again: (once) =>
      contender === null
        ? measureScenario(once, alone)
        : contender.measure({ file, scenario: once }),
    keep: keeperOf(documentOf(scenario, environment, first), folder),
    note,
  })
}

/**
 * What there is of a baseline; where another is to take its place, also why it cannot be read.
 * @throws RtbenchError `bad-result`, `usage`
 */
async function readOrReplace(
  folder: string,
  name: string,
  updating: boolean,
): Promise<Result | RtbenchError | null> {
  try {
    return await readBaseline(folder, name)
  } catch (error) {
    if (!(error instanceof RtbenchError) || error.code !== 'bad-result') throw error
    if (updating) return error
    const remedy = 'restore it, or store it anew by --update-baseline'
    throw new RtbenchError('bad-result', `${error.message}; ${remedy}`, error)
  }
}

function absence(one: CiCase, folder: string, options: CiOptions): string {
  const path = baselinePath(folder, one.scenario.name)
  return `${path}: there is no baseline; make it by ${updateLine(one, options)}`
}

const NOTHING_JUDGED = 'nothing is judged but validity'

/** Of a case without a baseline: why its gate stays open whatever is measured; null where it does not. */
function gapOf({ file, scenario: { thresholds } }: CiCase, options: CiOptions): string | null {
  const { deterministicOnly } = judgingOf(options)
  if (thresholds.some((text) => !deterministicOnly || !isTimed(text))) return null
  const which = thresholds.length > 0 ? ' that do not depend on the machine' : ''
  return `${file}: ${NOTHING_JUDGED}; give it thresholds${which} or --baseline`
}

interface Gap {
  readonly text: string
  readonly consequence: string
}

/** What one of a scenario and its baseline has and the other has not, and what becomes of it. */
function gapsBetween(known: Result, one: CiCase, folder: string): readonly Gap[] {
  const path = baselinePath(folder, one.scenario.name)
  const gap = (names: readonly string[], told: string, consequence: string): readonly Gap[] => {
    const text = `${path}: has ${told}; make a new baseline by --update-baseline`
    return names.length === 0 ? [] : [{ text, consequence }]
  }
  const absent = absentOf(known, one)
  const dropped = [...new Set(known.runs.map(({ transport }) => transport))].filter(
    (name) => !one.scenario.transports.includes(name),
  )
  return [
    ...gap(absent, `no ${absent.join(', ')}`, 'thresholds alone are judged of it'),
    ...gap(
      dropped,
      `${dropped.join(', ')}, which ${one.file} does not measure`,
      'nothing is judged of it',
    ),
  ]
}

/** Transports of a case of which the baseline has no run. */
function absentOf({ runs }: Result, { scenario }: CiCase): readonly string[] {
  return scenario.transports.filter((name) => !runs.some(({ transport }) => transport === name))
}

/** @throws RtbenchError `usage` */
function fits(known: Result, one: CiCase, folder: string, updating: boolean): boolean {
  const asked = documentOf(one.scenario, known.environment, { runs: [], missing: [] })
  try {
    assertSameScenario([known, asked])
    const absent = absentOf(known, one)
    if (absent.length < one.scenario.transports.length) return true
    // Nothing would be compared.
    throw new RtbenchError('usage', `has no ${absent.join(', ')}`)
  } catch (error) {
    if (updating && error instanceof RtbenchError) return false
    const path = baselinePath(folder, one.scenario.name)
    const problem = error instanceof Error ? error.message : String(error)
    throw new RtbenchError(
      'usage',
      `${path}: ${problem}; make a new baseline by --update-baseline`,
      error,
    )
  }
}
