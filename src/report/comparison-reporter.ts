import type { ScenarioComparison } from '../result/judgement.ts'
import type { RenderOptions } from './reporter.ts'

export interface ComparisonRenderOptions extends RenderOptions {
  /** Every metric, not only those that changed. */
  readonly all?: boolean
}

/** Turns the comparisons of one scenario or more into text. Pure: who calls it writes the text. */
export interface ComparisonReporter {
  /** As on the command line: `markdown`. */
  readonly name: string
  /** Ends in a line end. */
  render(comparisons: readonly ScenarioComparison[], options?: ComparisonRenderOptions): string
}
