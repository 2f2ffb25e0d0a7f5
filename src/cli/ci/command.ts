import type { MeasurementOptions } from '../../experiment/experiment.ts'
import { Baselines, type Measurer } from '../../gate/baselines.ts'
import { causeOf } from '../../gate/cause.ts'
import { type Gated, gate } from '../../gate/gate.ts'
import { publishFailure, publishFindings } from '../../gate/outlet.ts'
import { openPair } from '../../gate/pair.ts'
import { assertNoInput, writeFirstReport } from '../../gate/places.ts'
import type { Looked, Take } from '../../gate/second-look.ts'
import { compareLine, namedBySide } from '../../gate/side-name.ts'
import { failureJunit } from '../../report/junit.ts'
import { ProgressWriter } from '../../report/progress-writer.ts'
import type { Result } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import { gravestOf } from '../end.ts'
import { ExitCode } from '../exit-code.ts'
import { interruptible } from '../interruption.ts'
import { storeResult } from '../publication.ts'
import { assertWritable } from '../writable.ts'
import { type CiOptions, casesOf, checkOptions, judgingOf } from './options.ts'

/** Measures regression scenarios, holds them against what was before, and tells by the exit code. */
export async function ciCommand(files: readonly string[], options: CiOptions): Promise<ExitCode> {
  const startedAt = new Date().toISOString()
  let junit: string | null = null
  try {
    if (options.junit !== undefined) {
      await assertNoInput(options.junit, files, options.baseline ?? null)
      await writeFirstReport(
        options.junit,
        failureJunit(startedAt, 'rtbench ci did not come to its end'),
      )
      junit = options.junit
    }
    return await gateAll(files, options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await publishFailure(message, { junit, startedAt }, process.env)
    throw error
  }
}

async function gateAll(files: readonly string[], options: CiOptions): Promise<ExitCode> {
  checkOptions(options)
  const judging = judgingOf(options)
  const cases = await casesOf(files, options)
  const baselines = await Baselines.read(cases, options)
  const folder = options.save === false ? null : (options.out ?? 'results/ci')
  if (folder !== null) await assertWritable(folder, '--out')
  if (baselines.updating) await assertWritable(options.baseline ?? '', '--baseline')
  const environment = await readEnvironment()
  const quiet = options.quiet ?? false
  const progress = new ProgressWriter(process.stderr, { quiet })
  const { signal, hurry } = interruptible(progress)
  const setting: MeasurementOptions = {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    openFilesLimit: environment.openFilesLimit,
    signal,
    hurry,
    progress,
    onRun: async () => {},
  }
  const measurer: Measurer =
    options.against === undefined
      ? baselines.measurer({ environment, setting, folder, judging, serve: options.serve ?? null })
      : await openPair(options, { setting, folder, judging })
  const gated: Gated[] = []
  try {
    for (const one of cases) {
      if (!signal.aborted) progress.note(`${one.file}: ${one.scenario.name}`)
      const beganMs = performance.now()
      const measured = signal.aborted ? NOTHING : await measurer.measure(one)
      const tookMs = performance.now() - beganMs
      progress.end()
      const written = await store(measured, folder, quiet)
      const found = gate(
        one,
        { ...measured, written, tookMs },
        {
          ...judging,
          startedAt: environment.startedAt,
          interrupted: signal.aborted,
          allowInvalid: options.allowInvalid ?? false,
          gating: !baselines.updating,
        },
      )
      gated.push(found)
    }
  } finally {
    await measurer.close()
  }
  const updated = await baselines.update(gated)
  const published = await publishFindings(
    {
      suites: gated.map(({ suite }) => suite),
      notes: [...baselines.notes, ...gated.flatMap(({ notes }) => notes)],
      junit: options.junit ?? null,
    },
    process.env,
  )
  const code = gravestOf([
    ...gated.map(({ code }) => code),
    updated,
    published ? ExitCode.done : ExitCode.notWritten,
  ])
  const cause = causeOf(code, gated)
  if (cause !== null) process.stderr.write(`rtbench: ${cause}\n`)
  return code
}

const NOTHING = {
  candidate: null,
  baseline: null,
  against: null,
  failure: null,
  takes: [],
  looks: [],
}

/** Saves all that was measured, each look for itself; false when something could not be saved. */
async function store({ takes }: Looked, folder: string | null, quiet: boolean): Promise<boolean> {
  if (folder === null) return true
  const results = takes.flatMap(storedOf)
  let written = true
  for (const result of results) {
    if (!(await storeResult(result, folder, { quiet }))) written = false
  }
  const [before, after] = takes[0]?.against == null ? [] : results
  if (quiet || before === undefined || after === undefined) return written
  const line = await compareLine(folder, before, after)
  if (line !== null) process.stderr.write(`compare them again by ${line}\n`)
  return written
}

/** What is stored of a take; of a pair both sides, the other commit first. */
function storedOf({ candidate, baseline, against }: Take): readonly Result[] {
  const results =
    against === null
      ? [candidate]
      : [
          baseline === null ? null : namedBySide(baseline, against),
          candidate === null ? null : namedBySide(candidate, null),
        ]
  return results.filter((result) => result !== null)
}
