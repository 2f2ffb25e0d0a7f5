import type { Judgement, ScenarioComparison, Verdict } from '../result/judgement.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, missing } from './quantity.ts'

/** The judgements of one transport, as text in cells. */
export interface JudgementGrid {
  readonly transport: string
  readonly rows: readonly JudgementRow[]
  /** What is not shown: `12 unchanged, 3 inconclusive (needs …)`, a line each. */
  readonly rest: readonly string[]
}

interface JudgementRow {
  readonly verdict: Verdict
  /** As the head has them. */
  readonly cells: readonly string[]
}

export const judgementHead = [
  'Metric',
  'Baseline',
  'Candidate',
  'Change',
  'Verdict',
  'Why',
] as const

/** Groups a comparison by transport. @param all shows what did not change, too */
export function gridsOf({ judgements }: ScenarioComparison, all: boolean): JudgementGrid[] {
  const byTransport = new Map<string, Judgement[]>()
  for (const judgement of judgements) {
    const group = byTransport.get(judgement.transportLabel)
    if (group === undefined) byTransport.set(judgement.transportLabel, [judgement])
    else group.push(judgement)
  }
  return [...byTransport].map(([transport, group]) => {
    const shown = all ? group : group.filter(hasChanged)
    const hidden = group.filter((judgement) => !shown.includes(judgement))
    return {
      transport,
      rows: shown.map((judgement) => ({ verdict: judgement.verdict, cells: cellsOf(judgement) })),
      rest: restOf(hidden),
    }
  })
}

function hasChanged({ verdict }: Judgement): boolean {
  return verdict === 'regressed' || verdict === 'improved'
}

function cellsOf(judgement: Judgement): readonly string[] {
  const { label, baseline, candidate, verdict, reason, change, interval } = judgement
  const span = interval === null ? '' : ` (${signed(interval[0])} to ${signed(interval[1])})`
  return [
    label,
    formatFigure(judgement, baseline),
    formatFigure(judgement, candidate),
    change === null ? missing : `${signed(change)}${span}`,
    verdict,
    reason.replace(/^inconclusive: /, ''),
  ]
}

function formatFigure({ unit }: Judgement, value: number | null): string {
  switch (unit) {
    case 'time':
      return formatDuration(value)
    case 'bytes':
      return formatBytes(value)
    case 'ratio':
      return formatPercent(value)
    case 'count':
      return formatCount(value)
  }
}

/** `+12.5 %` */
function signed(share: number): string {
  const percent = share * 100
  const digits = Math.abs(percent) < 10 ? 1 : 0
  const text = percent.toFixed(digits)
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? 0 : text} %`.replace('-', '−')
}

/** Counts by verdict, and by reason where that is what a person can act on. */
function restOf(hidden: readonly Judgement[]): string[] {
  const unchanged = hidden.filter(({ verdict }) => verdict === 'unchanged').length
  const reasons = new Map<string, string[]>()
  for (const { verdict, reason, label } of hidden) {
    if (verdict !== 'inconclusive') continue
    const labels = reasons.get(reason)
    if (labels === undefined) reasons.set(reason, [label])
    else labels.push(label)
  }
  return [
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...[...reasons].map(([reason, labels]) => `${labels.length} ${reason} (${labels.join(', ')})`),
  ]
}

/** `REGRESSED: 2 metrics (Server-Sent Events: Push latency p99, …); 3 inconclusive, 40 unchanged` */
export function conclusionOf({ judgements, verdict, judged }: ScenarioComparison): string {
  const counts = (['regressed', 'improved', 'inconclusive', 'unchanged'] as const)
    .map(
      (one) => [one, judgements.filter((judgement) => judgement.verdict === one).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([one, count]) => `${count} ${one}`)
    .join(', ')
  if (verdict === 'regressed') return `REGRESSED: ${counts}`
  switch (judged) {
    case 'nothing':
      return 'NOTHING COMPARED: no transport has a run that counts on both sides; measure again'
    case 'faults':
      return `NOT COMPARED but for faults, as runs are invalid: ${counts}; measure again`
    case 'part':
      return `NOT ALL COMPARED, as too few runs count (see the warnings): ${counts}; measure again`
    case 'all':
      return `No regression: ${counts}`
  }
}
