import { type Capacity, type CapacityStep, isOpen, obstacleOf } from '../result/capacity.ts'
import type { CapacityResult, Environment, Run } from '../result/document.ts'
import { recorded, type Scenario } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'

/** What is to be searched. */
export interface CapacityWish {
  readonly search: 'clients' | 'rate'
  /** With the first value; its thresholds are the limits. */
  readonly scenario: Scenario
  readonly from: number
  /** As wanted, whatever the machine can carry. */
  readonly to: number
  /** A share: 0.1 is 10 %. */
  readonly precision: number
  /** Nobody named the upper end. */
  readonly openEnd: boolean
}

/** A step, and the run that it is made of. */
export interface MeasuredStep {
  readonly step: CapacityStep
  readonly run: Run | null
  /** What kept it from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** What a search has measured so far, and the document that it makes. */
export class CapacityRecord {
  readonly #wish: CapacityWish
  readonly #environment: Environment
  readonly #toReason: string | null
  readonly #measured: MeasuredStep[] = []

  /** @param toReason why no more than the wish's end can be tried, or null */
  constructor(wish: CapacityWish, environment: Environment, toReason: string | null) {
    this.#wish = wish
    this.#environment = environment
    this.#toReason = toReason
  }

  /** Adds a step; one whose value was kept the last time, too, is a confirmed one. */
  add(measured: MeasuredStep): CapacityStep {
    const { step } = measured
    const before = this.steps.findLast(({ value, cause }) => value === step.value && !isOpen(cause))
    const added = { ...step, confirmed: step.kept && before?.kept === true }
    this.#measured.push({ ...measured, step: added })
    return added
  }

  /** What kept the last step from being measured, if anything did. */
  get failure(): Error | null {
    return this.#measured.at(-1)?.failure ?? null
  }

  /** There is no run to show. */
  get isEmpty(): boolean {
    return this.#measured.every(({ run }) => run === null)
  }

  get steps(): readonly CapacityStep[] {
    return this.#measured.map(({ step }) => step)
  }

  /** @param over the search has come to its end */
  capacity(answer: number | null, over: boolean): Capacity {
    const { search, scenario, from, to, precision } = this.#wish
    const { steps } = this
    return {
      search,
      unit: search === 'clients' ? 'clients' : 'events per second and channel',
      limits: scenario.thresholds,
      from,
      to,
      toReason: this.#toReason,
      precision,
      answer,
      endedBy: over ? (obstacleOf({ answer, steps })?.cause ?? 'to') : null,
      steps,
    }
  }

  /** The document: its scenario and its runs are those of the answer that keep it, or of what says most. */
  result(capacity: Capacity): CapacityResult {
    const value = capacity.answer ?? this.#shownValue()
    const runs = this.#measured.flatMap(({ step, run }) =>
      run !== null && step.value === value && (step.kept || capacity.answer === null) ? [run] : [],
    )
    const scenario: Scenario = {
      ...this.#wish.scenario,
      [capacity.search]: value,
      repeat: Math.max(1, runs.length),
    }
    return {
      schemaVersion: 1,
      tool: { name: 'rtbench', version: packageVersion() },
      environment: this.#environment,
      scenario: { ...recorded(scenario) },
      runs: runs.map((run, index) => ({ ...run, repetition: index + 1 })),
      missing: [],
      capacity,
    }
  }

  /** Without an answer: the greatest that was kept, else the last that was measured. */
  #shownValue(): number {
    const kept = this.steps.filter((step) => step.kept).map(({ value }) => value)
    const last = this.#measured.findLast(({ run }) => run !== null)
    return kept.length > 0 ? Math.max(...kept) : (last?.step.value ?? this.#wish.from)
  }
}
