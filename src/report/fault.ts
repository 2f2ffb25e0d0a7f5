import { codesOf } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { sweptName } from '../scenario/sweep.ts'
import type { Column } from './comparison.ts'
import { formatCount, formatPercent } from './quantity.ts'

/** Why a transport's figures carry no recommendation, over all its repetitions. */
export function faultsOf({ label, runs }: Column, idle: boolean): string[] {
  const faults: string[] = []
  const sum = (count: (run: Run) => number): number =>
    runs.reduce((total, run) => total + count(run), 0)
  const tell = (found: number, text: string): void => {
    if (found > 0) faults.push(`${label} ${text}`)
  }
  const invalid = runs.filter((run) => run.validity.verdict === 'invalid')
  const codes = new Set(invalid.flatMap((run) => codesOf(run, 'invalid')))
  const some = invalid.length < runs.length ? ` in ${invalid.length} of ${runs.length} runs` : ''
  tell(invalid.length, `is invalid${some}${codes.size > 0 ? ` (${[...codes].join(', ')})` : ''}`)
  tell(
    sum((run) => Number(run.partial || run.interrupted)),
    'was not measured to its end',
  )
  const silent = idle ? 0 : sum((run) => Number(run.latency.p50Us === null))
  tell(silent, 'has a run without a delivery')
  const lost = sum((run) => run.delivery.lost)
  const expected = sum((run) => run.delivery.expected)
  const share = expected > 0 ? ` (${formatPercent(lost / expected)})` : ''
  tell(lost, `lost ${formatCount(lost)} of ${formatCount(expected)} deliveries${share}`)
  const kinds = [
    ['duplicates', 'delivered twice'],
    ['outOfOrder', 'delivered out of order'],
    ['misrouted', 'delivered to the wrong client'],
    ['foreign', 'from another run'],
    ['gapSignals', 'where the replay was cut short'],
  ] as const
  for (const [kind, text] of kinds) {
    const found = sum((run) => run.delivery[kind])
    tell(found, `has ${formatCount(found)} ${found === 1 ? 'case' : 'cases'} ${text}`)
  }
  return faults
}

/** In a word why a column is left out of what is told; null where it is not. */
export function leftOutWord(column: Column): 'invalid' | 'left out' | null {
  if (column.run.validity.verdict === 'invalid') return 'invalid'
  return faultsOf(column, true).length > 0 ? 'left out' : null
}

/** Who was to be compared and was not measured as often as asked for. */
export function absent({ missing, sweep }: Result): string[] {
  const labels = missing.map(({ label, point }) => sweptName(label, sweep, point))
  return [...new Set(labels)].map((label) => {
    const times = labels.filter((other) => other === label).length
    return `${label} was not measured${times > 1 ? ` (${times} runs)` : ''}`
  })
}
