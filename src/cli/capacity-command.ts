import { ceilingOf, refusalOf } from '../capacity/ceiling.ts'
import { endOfCapacity } from '../capacity/end.ts'
import { CapacityRecord, type MeasuredStep } from '../capacity/record.ts'
import { type Question, roundedTo, searchCapacity } from '../capacity/search.ts'
import { stepOf, stepWithoutRun } from '../capacity/step.ts'
import { type MeasurementOptions, measureScenario, processesFor } from '../experiment/experiment.ts'
import { sourcesBelowFlags } from '../experiment/plan.ts'
import { ABSENT } from '../experiment/series.ts'
import { capacityLine, questionLine, stepLine } from '../report/capacity.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import { type CapacityStep, isFinal, isOpen } from '../result/capacity.ts'
import { readEnvironment } from '../result/environment.ts'
import { roundedDown } from '../scenario/units.ts'
import { readMachine } from '../swarm/process-plan.ts'
import { type CapacityOptions, type CapacityWish, capacityWish } from './capacity-options.ts'
import { ExitCode } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { printConfig } from './print-config.ts'
import { folderOf, keepResult, publishResult } from './publication.ts'

/** Searches the most clients, or the highest rate, that keeps the limits; prints and saves it. */
export async function capacityCommand(
  file: string | undefined,
  options: CapacityOptions,
): Promise<ExitCode> {
  const wished = capacityWish(options, await sourcesBelowFlags(file))
  if (options.printConfig)
    return printConfig(
      { scenario: wished.scenario, sweep: null },
      wished.layers,
      searchLine(wished),
    )
  const environment = await readEnvironment()
  const { wish, toReason } = withinMachine(wished, environment.openFilesLimit)
  const quiet = options.quiet ?? false
  const progress = new ProgressWriter(process.stderr, { quiet })
  const folder = await folderOf(options)
  const record = new CapacityRecord(wish, environment, toReason)

  const setting: MeasurementOptions = {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    openFilesLimit: environment.openFilesLimit,
    ...interruptible(progress),
    progress,
    onRun: async () => {},
  }
  const measure = async (question: Question): Promise<CapacityStep> => {
    progress.note(`step ${record.steps.length + 1}: ${questionLine(wish, question)}`)
    const step = record.add(await measureStep(question, wish, setting))
    progress.note(stepLine(wish, step))
    if (!record.isEmpty) await keepResult(record.result(record.capacity(null, false)), folder)
    return step
  }
  const answer = await answerOf(wish, measure)
  progress.end()
  if (record.isEmpty) {
    if (record.failure !== null) throw record.failure
    process.stderr.write('rtbench: stopped before anything was measured\n')
    return ExitCode.interrupted
  }
  const capacity = record.capacity(answer, true)
  const result = record.result(capacity)
  const written = await publishResult(result, {
    json: options.json ?? false,
    folder,
    quiet,
    html: options.html ?? false,
  })
  if (options.json && !quiet) process.stderr.write(`${capacityLine(result)}\n`)
  if (record.failure !== null) {
    process.stderr.write(`rtbench: a step could not be measured: ${record.failure.message}\n`)
  }
  return endOfCapacity(capacity, written)
}

/** The part of a search that no scenario says. */
function searchLine({ search, from, to, precision }: CapacityWish): string {
  const share = `${Number((precision * 100).toFixed(3))}%`
  return `--search ${search} --from ${from} --to ${to} --precision ${share}`
}

/** Measures a value once. What keeps it from being measured ends the search, and loses nothing. */
async function measureStep(
  question: Question,
  { search, scenario }: CapacityWish,
  setting: MeasurementOptions,
): Promise<MeasuredStep> {
  const ofStep = { ...scenario, [search]: question.value }
  // The memory to spare may be less by now than it was when the search began.
  const refusal = refusalOf(() => processesFor(ofStep, setting.openFilesLimit))
  if (refusal !== null) {
    const step = stepWithoutRun(question, 'machine', refusal.message)
    return { step, run: null, failure: refusal }
  }
  const { runs, failure } = await measureScenario(ofStep, setting).catch((error: Error) => ({
    runs: [],
    failure: error,
  }))
  const [run] = runs
  if (run !== undefined) return { step: stepOf(run, ofStep, question), run, failure }
  const step =
    failure === null
      ? stepWithoutRun(question, 'interrupted', ABSENT.stopped)
      : stepWithoutRun(question, 'failed', failure.message)
  return { step, run: null, failure }
}

/** Asks the search's questions until it has its answer, or a measurement ends it. */
async function answerOf(
  { search, from, to, precision }: CapacityWish,
  measure: (question: Question) => Promise<CapacityStep>,
): Promise<number | null> {
  const round = roundedTo(precision, search === 'clients')
  const questions = searchCapacity({ from, to, precision, round })
  let next = questions.next()
  while (next.done !== true) {
    const { kept, cause } = await measure(next.value)
    if (isFinal(cause)) return null
    next = questions.next(isOpen(cause) ? null : kept)
  }
  return next.value
}

/** A wish for no more clients than there are processes for. */
function withinMachine(
  wish: CapacityWish,
  openFilesLimit: number | null,
): { readonly wish: CapacityWish; readonly toReason: string | null } {
  const { search, scenario, from, to } = wish
  const machine = readMachine()
  const plan = (clients: number): unknown =>
    processesFor({ ...scenario, clients }, openFilesLimit, machine)
  if (search === 'rate') {
    plan(scenario.clients)
    return { wish, toReason: wish.openEnd ? 'no scenario may ask for more' : null }
  }
  const { clients, reason } = ceilingOf(plan, from, to)
  if (reason === null)
    return { wish, toReason: wish.openEnd ? 'no scenario may ask for more' : null }
  return { wish: { ...wish, to: Math.max(from, roundedDown(clients)) }, toReason: reason }
}
