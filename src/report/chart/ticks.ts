/** Where an axis has its lines, and a chart's figures as text, in a picture as in the reader's browser. */
import { formatAmount, formatCount, formatPercent, missing } from '../quantity.ts'
import type { Quantity } from './line-chart.ts'

/** The ends of an axis that shows all figures, at round values. */
export function domainOf(
  min: number,
  max: number,
  scale: 'linear' | 'log',
  quantity: Quantity,
): [from: number, to: number] {
  if (scale === 'log') {
    const from = roundDown(min > 0 ? min : max > 0 ? max / 10 : 1)
    const to = -roundDown(-(max > 0 ? max : 1))
    return from < to ? [from, to] : [from, from * 10]
  }
  if (max <= 0) return [0, 1]
  let to = max
  // A longer axis may have a wider step, of which its end is to be one.
  for (let i = 0; i < 3; i++) {
    const step = stepOf(to, quantity)
    to = Math.ceil(max / step - 1e-9) * step
  }
  return [0, to]
}

/** The ticks between the two ends: each nice step, or on a logarithmic axis each power of ten; of percentiles the known. */
export function ticksOf(
  from: number,
  to: number,
  scale: 'linear' | 'log',
  quantity: Quantity,
): number[] {
  const ticks: number[] = []
  if (quantity === 'nines') {
    const known = [0, Math.log10(2), 1, 2, 3, 4, 5, 6, 7]
    return known.filter((tick) => tick <= to)
  }
  if (scale === 'log' && quantity === 'bytes') {
    const base = to / from > 1e4 ? 16 : to / from > 20 ? 4 : 2
    const first = Math.ceil(Math.log(from) / Math.log(base) - 1e-9)
    for (let power = first; base ** power <= to * 1.0001; power++) ticks.push(base ** power)
    if (ticks.length > 1) return ticks
    ticks.length = 0
  }
  if (scale === 'log') {
    const decades = Math.log10(to / from)
    const leads = decades <= 1.3 ? [1, 2, 3, 5, 7] : decades <= 3.1 ? [1, 3] : [1]
    for (let power = Math.floor(Math.log10(from) + 1e-9); ; power++) {
      const unit = 10 ** power
      if (unit > to * 1.0001) return ticks
      for (const lead of leads) {
        const tick = lead * unit
        if (tick >= from * 0.9999 && tick <= to * 1.0001) ticks.push(Number(tick.toPrecision(6)))
      }
    }
  }
  const step = stepOf(to - from, quantity)
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)))
  }
  return ticks
}

/** Leaves out the ticks that stand too near to the one before, so that their texts do not meet. */
export function spaced(
  ticks: readonly number[],
  place: (tick: number) => number,
  leastGap: number,
): number[] {
  const kept: number[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const tick of ticks) {
    if (place(tick) - last < leastGap - 0.01) continue
    kept.push(tick)
    last = place(tick)
  }
  return kept
}

/** As much room as the texts of neighbouring ticks want, with some to spare. */
export function tickGap(quantity: Quantity): number {
  return quantity === 'moment' ? 84 : 52
}

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400]
/** Steps of a time axis: whole parts of minutes, hours and days. */
const TIME_STEPS = [
  ...[1, 5, 15, 30].flatMap((count) => [count, count * MINUTE]),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28].map((count) => count * DAY),
].sort((one, other) => one - other)

function momentTick(value: number): string {
  const iso = isoOf(value)
  if (value % MINUTE !== 0) return iso.slice(11, 19)
  return value % DAY === 0 ? iso.slice(0, 10) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** A step that makes some four lines: 1, 2 or 5 times a power of ten; of two for bytes. */
function stepOf(range: number, quantity: Quantity): number {
  const rough = range / 4
  if (quantity === 'moment') {
    return TIME_STEPS.find((step) => step >= rough) ?? Math.ceil(rough / (28 * DAY)) * 28 * DAY
  }
  if (quantity === 'bytes' && rough >= 1) return 2 ** Math.ceil(Math.log2(rough) - 0.3)
  const unit = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / unit
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * unit
}

/** The next of 1, 2 and 5 times a power of ten at or below; above, of a negative one's amount. */
function roundDown(value: number): number {
  const amount = Math.abs(value)
  const unit = 10 ** Math.floor(Math.log10(amount) + 1e-9)
  const lead = amount / unit
  if (value > 0) return (lead >= 4.9999 ? 5 : lead >= 1.9999 ? 2 : 1) * unit
  return -(lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10) * unit
}

export function figureText(value: number | null, quantity: Quantity): string {
  if (value === null) return missing
  switch (quantity) {
    case 'seconds':
      return `${formatCount(value)} s`
    case 'share':
      return formatPercent(value)
    case 'moment':
      return `${isoOf(value).slice(0, 16).replace('T', ' ')} UTC`
    case 'nines':
      return percentileText(value)
    default:
      return formatAmount(quantity, value)
  }
}

/** Shorter, for the line of an axis. */
export function tickText(value: number, quantity: Quantity): string {
  if (quantity === 'share') return `${Number((value * 100).toPrecision(3))} %`
  if (quantity === 'moment') return momentTick(value)
  if (value === 0) return quantity === 'nines' ? 'least' : '0'
  return figureText(value, quantity)
}

/** `p99.9` of 3 nines: as many digits as the percentile has. */
function percentileText(nines: number): string {
  const percent = 100 * (1 - 10 ** -nines)
  const digits = Math.max(0, Math.ceil(nines + 0.2) - 1)
  return `p${Number(percent.toFixed(digits))}`
}
