/** What of a comparison is judged, as `compare` and `ci` are told. */
import type { CompareOptions } from '../compare/compare.ts'
import { METRICS } from '../compare/metric.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { pathOf } from '../scenario/threshold.ts'
import { minChangeOf, refuse } from './flags.ts'

export interface JudgingFlags {
  readonly minChange?: string
  readonly judge?: string
  readonly only?: string
  readonly allowInconclusive?: boolean
}

/** @throws RtbenchError `usage` */
export function judgingOf(
  flags: JudgingFlags,
): Pick<CompareOptions, 'thresholdShare' | 'judge' | 'deterministicOnly'> {
  const { only, judge } = flags
  if (only !== undefined && only !== 'deterministic') {
    const hint = didYouMean(only, ['deterministic'])
    refuse('--only', `unknown kind ${only}${hint}; expected deterministic`)
  }
  if (only !== undefined && judge !== undefined) {
    refuse(
      '--judge',
      'names figures of repetitions, of which --only deterministic judges none; leave one out',
    )
  }
  return {
    thresholdShare: minChangeOf(flags),
    judge: judge === undefined ? [] : judge.split(',').map((name) => judgedFigure(name.trim())),
    deterministicOnly: only === 'deterministic',
  }
}

const REPEATED = METRICS.filter(({ kind }) => kind === 'statistical').map(({ name }) => name)

function judgedFigure(name: string): string {
  const path = pathOf(name)
  if (REPEATED.includes(path)) return path
  const hint = didYouMean(name, REPEATED)
  return refuse(
    '--judge',
    `${JSON.stringify(name)} is no figure of repetitions${hint}; expected ${REPEATED.join(', ')}`,
  )
}
