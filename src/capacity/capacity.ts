/** A search for capacity: what it may ask for, what it measures, and how it ends. */

import type { Outcome } from '../compare/outcome.ts'
import { type MeasurementOptions, measureScenario, processesFor } from '../experiment/experiment.ts'
import { ABSENT } from '../experiment/series.ts'
import { type Capacity, type CapacityStep, isFinal, isOpen } from '../result/capacity.ts'
import type { CapacityResult, Environment } from '../result/document.ts'
import { roundedDown } from '../scenario/units.ts'
import { readMachine } from '../swarm/process-plan.ts'
import { ceilingOf, refusalOf } from './ceiling.ts'
import { CapacityRecord, type CapacityWish, type MeasuredStep } from './record.ts'
import { type Question, roundedTo, searchCapacity } from './search.ts'
import { stepOf, stepWithoutRun } from './step.ts'

interface BoundedWish {
  readonly wish: CapacityWish
  /** Why no more than the wish's end can be tried, or null. */
  readonly toReason: string | null
}

/** What came of a search. */
export interface MeasuredCapacity {
  /** Null where nothing was measured. */
  readonly result: CapacityResult | null
  readonly capacity: Capacity
  /** What kept the last step from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** Told how a search goes on. */
export interface SearchListener {
  /** @param number of the step, from 1 */
  onQuestion(question: Question, number: number): void
  /** @param soFar the result by then; null where there is no run yet */
  onStep(step: CapacityStep, soFar: CapacityResult | null): Promise<void>
}

/** Searches the greatest value that keeps the limits, and measures on the way. */
export async function measureCapacity(
  { wish, toReason }: BoundedWish,
  environment: Environment,
  setting: MeasurementOptions,
  { onQuestion, onStep }: SearchListener,
): Promise<MeasuredCapacity> {
  const record = new CapacityRecord(wish, environment, toReason)
  const resultOf = (capacity: Capacity): CapacityResult | null =>
    record.isEmpty ? null : record.result(capacity)
  const answer = await answerOf(wish, async (question) => {
    onQuestion(question, record.steps.length + 1)
    const step = record.add(await measureStep(question, wish, setting))
    await onStep(step, resultOf(record.capacity(null, false)))
    return step
  })
  const capacity = record.capacity(answer, true)
  return { result: resultOf(capacity), capacity, failure: record.failure }
}

/** A wish for no more clients than there are processes for. */
export function withinMachine(wish: CapacityWish, openFilesLimit: number | null): BoundedWish {
  const { search, scenario, from, to } = wish
  const machine = readMachine()
  const asWished = { wish, toReason: wish.openEnd ? 'no scenario may ask for more' : null }
  const plan = (clients: number): unknown =>
    processesFor({ ...scenario, clients }, openFilesLimit, machine)
  if (search === 'rate') {
    plan(scenario.clients)
    return asWished
  }
  const { clients, reason } = ceilingOf(plan, from, to)
  if (reason === null) return asWished
  return { wish: { ...wish, to: Math.max(from, roundedDown(clients)) }, toReason: reason }
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

/** How a search went; a result that could not be saved is the gravest, as after a run. */
export function outcomeOfSearch(
  { answer, endedBy }: Pick<Capacity, 'answer' | 'endedBy'>,
  written: boolean,
): Outcome {
  if (!written) return 'notWritten'
  switch (endedBy) {
    case 'interrupted':
      return 'interrupted'
    case 'lost':
    case 'failed':
      return 'partial'
    case 'limit':
      return answer === null ? 'threshold' : 'done'
    default:
      return answer === null ? 'invalid' : 'done'
  }
}
