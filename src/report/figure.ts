/** Figures of a run as reports write them. */
import { lowerOf } from '../compare/metric.ts'
import { amountOf } from '../figures/catalogue.ts'
import type { Figure } from '../figures/figure.ts'
import type { RecordedScenario, Run } from '../result/document.ts'
import { dimensionOf, type Metric } from '../scenario/threshold.ts'
import {
  differVisibly,
  formatAmount,
  formatBounds,
  formatCount,
  formatDuration,
} from './quantity.ts'
import { emptyShare, meanPart } from './unseen.ts'

/** A figure of a run as a cell shows it: a push latency with both its bounds, a rate without its unit, which a label says. */
export function figureText(figure: Figure, run: Run, scenario: RecordedScenario): string {
  const { path, dimension, keys } = figure
  if (path === 'exchanges.emptyRatio') return emptyShare(run, scenario)
  if (keys[0] === 'spent') return formatDuration(meanPart(run, keys[1] as 'slipUs'))
  const value = amountOf(run, figure)
  const lower = lowerOf(figure)?.(run) ?? null
  if (value !== null && lower !== null) return formatBounds({ lowerUs: lower, upperUs: value })
  return dimension === 'rate' ? formatCount(value) : formatAmount(dimension, value)
}

/** As above a narrow column: `p50` of a push latency. */
export function headingOf({ path, label = path }: Figure): string {
  return label.replace(/^Push latency /, '')
}

/** A metric's figure as reports show it, rounded: `81 ms`, `99.9 %`. */
export function formatFigure(metric: Metric, value: number | null): string {
  return formatAmount(dimensionOf(metric), value)
}

/** More exact than a report's figures: what misses a limit narrowly must not look like it. */
export function exactFigure(metric: Metric, value: number): string {
  switch (dimensionOf(metric)) {
    case 'time':
    case 'microseconds':
      return value < 1000 ? `${exact(value)} µs` : `${exact(value / 1000)} ms`
    case 'milliseconds':
      return `${exact(value)} ms`
    case 'ratio':
    case 'utilisation':
      return `${exact(value * 100)} %`
    case 'bytes':
      return `${exact(value)} B`
    case 'rate':
      return `${exact(value)}/s`
    default:
      return exact(value)
  }
}

/** `180 to 250 ms`: where a push latency lies; of all other figures, and of equal ones, one of them. */
export function exactSpan(metric: Metric, lower: number | null, upper: number): string {
  if (lower === null || lower === upper) return exactFigure(metric, upper)
  const [scale, unit] = upper < 1000 ? [1, 'µs'] : [1000, 'ms']
  return `${exact(lower / scale)} to ${exact(upper / scale)} ${unit}`
}

/** As exact, and as a span only where its ends differ visibly. */
export function boundedFigure(metric: Metric, lower: number | null, upper: number): string {
  return lower !== null && differVisibly(lower, upper)
    ? exactSpan(metric, lower, upper)
    : exactFigure(metric, upper)
}

const decimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })

function exact(value: number): string {
  return decimals.format(value)
}
