import { createColors } from 'picocolors'
import { type Grid, glued, grid, inertJson, pageOf, unglued, wrap } from '../report/plain-text.ts'
import {
  formatAmount,
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  missing,
} from '../report/quantity.ts'
import type { RenderOptions } from '../report/reporter.ts'
import { drawnBelow } from '../report/table.ts'
import { listed } from '../report/wording.ts'
import { counted, printable } from '../text.ts'
import type { Bounded, BusTax, Load, TaxRow } from './bus-tax.ts'

/** For a terminal: which bus adds least, then what each adds, and what it costs. */
export function renderBusTax(taxes: readonly BusTax[], options: RenderOptions = {}): string {
  const width = Math.max(40, options.width ?? 120)
  const { bold, dim } = createColors(options.color ?? false)
  const paragraphs = (texts: readonly string[], paint = (line: string) => line): string[] =>
    texts.flatMap((text) => wrap(glued(printable(text)), width)).map(paint)
  const blocks = taxes.flatMap((tax) => [
    [...paragraphs(answersOf(tax), bold), ...paragraphs([loadLine(tax.load)], dim)],
    ...gridsOf(tax).map((one) => drawnBelow(one, { ...FORM, width, bold })),
  ])
  return unglued(pageOf([...blocks, paragraphs(NOTES, dim)]))
}

/** The forms in which it is printed. */
export const busTaxForms = [
  { name: 'table', render: renderBusTax },
  { name: 'markdown', render: markdown },
  {
    name: 'json',
    render: (taxes: readonly BusTax[]) => `${inertJson(JSON.stringify(taxes, null, 2))}\n`,
  },
] as const

function markdown(taxes: readonly BusTax[]): string {
  const blocks = taxes.flatMap((tax) => [
    [...answersOf(tax), loadLine(tax.load)].map(printable),
    ...gridsOf(tax).map(grid),
  ])
  return pageOf([...blocks, NOTES])
}

const NOTES = [
  'Added: from the acceptance of an event by one instance until an instance has it from the bus; in brackets where it lies in 95 of 100 cases. All in: push latency p50 less that of the same schedule at one instance without a bus. CPU of the instances for an event: of one that nobody hears, all of them together; for a delivery: all of it.',
]

function loadLine({ label, clients, channels, rate, payloadBytes, durationMs }: Load): string {
  const channelled = typeof channels === 'number' ? counted(channels, 'channel') : 'a channel each'
  return `${label} · ${counted(clients, 'client')} · ${channelled} at ${formatAmount('rate', rate)} · ${formatBytes(payloadBytes)} payload · ${durationMs / 1000} s each`
}

/** For each number of instances and each routing which bus adds least, and by how much the others add more. */
function answersOf({ rows }: BusTax): readonly string[] {
  const onBus = rows.filter(({ bus, addedP50Us }) => bus !== null && addedP50Us !== null)
  const keys = [...new Set(onBus.map(placeOf))]
  return keys.map((place) => {
    const [least, ...others] = onBus.filter((row) => placeOf(row) === place)
    if (least === undefined) return ''
    const said = others.map((row) => {
      const isTold = row.factor?.low == null ? !overlap(row, least) : row.factor.low > 1
      return `${row.bus} ${factorOf(row)}${isTold ? '' : ` (not told apart from ${least.bus})`}`
    })
    const more = said.length === 0 ? '' : `; ${listed(said)}`
    return `${place}: ${least.bus} adds ${formatDuration(least.addedP50Us?.value ?? null)} at p50${more}.`
  })
}

function placeOf({ instances, routing }: TaxRow): string {
  return `${counted(instances, 'instance')}, ${routing}`
}

/** `1.6× (1.2–2.2)` */
function factorOf({ factor }: TaxRow): string {
  if (factor === null) return missing
  const { value, low, high } = factor
  const text = (one: number): string => (one < 9.95 ? one.toFixed(1) : String(Math.round(one)))
  const span =
    low === null || high === null || text(low) === text(high) ? '' : ` (${text(low)}–${text(high)})`
  return `${text(value)}×${span}`
}

/** Of what nothing bounds nobody knows. */
function overlap({ addedP50Us: one }: TaxRow, { addedP50Us: other }: TaxRow): boolean {
  if (one?.low == null || one.high === null || other?.low == null || other.high === null)
    return true
  return one.low <= other.high && other.low <= one.high
}

/** Who it is stands in every table; a bus and a routing are words. */
const FORM = { repeated: 3, texts: [0, 2] } as const

type Column = readonly [head: string, cell: (row: TaxRow) => string]

const WHO: readonly Column[] = [
  ['Bus', ({ bus, told, runs }) => `${bus ?? 'none'}${told < runs ? ` (${told} of ${runs})` : ''}`],
  ['Inst.', ({ instances }) => String(instances)],
  ['Routing', ({ routing }) => routing ?? missing],
]
const DELAYS: readonly Column[] = [
  ['Added p50', ({ addedP50Us }) => durationText(addedP50Us)],
  ['Factor', factorOf],
  ['Added p99', ({ addedP99Us }) => durationText(addedP99Us)],
  ['All in, p50', ({ allInP50Us }) => durationText(allInP50Us, true)],
]
const COSTS: readonly Column[] = [
  ['CPU an event, instances', (row) => formatDuration(row.instancesCpuUsPerEvent)],
  ['a delivery', (row) => formatDuration(row.instancesCpuUsPerDelivery)],
  ['CPU an event, bus', (row) => formatDuration(row.busCpuUsPerEvent)],
  ['a delivery', (row) => formatDuration(row.busCpuUsPerDelivery)],
  ['Bytes an event', (row) => formatBytes(row.bytesPerEvent)],
  ['a delivery', (row) => formatBytes(row.bytesPerDelivery)],
  ['Hops', (row) => formatCount(row.hopsPerEvent)],
]

function gridsOf({ rows }: BusTax): readonly Grid[] {
  const gridOf = (columns: readonly Column[], shown: readonly TaxRow[]): Grid => ({
    head: columns.map(([head]) => head),
    rows: shown.map((row) => columns.map(([, cell]) => cell(row))),
  })
  return [
    gridOf(
      [...WHO, ...DELAYS],
      rows.filter(({ bus }) => bus !== null),
    ),
    gridOf([...WHO, ...COSTS], rows),
  ]
}

/** `240 µs (231–252 µs)`; a difference with its sign. */
function durationText(figure: Bounded | null, isSigned = false): string {
  if (figure === null) return missing
  const { value, low, high } = figure
  const sign = isSigned && value > 0 ? '+' : ''
  const text = `${sign}${formatDuration(value)}`
  if (low === null) return text
  if (high === null) return `${text} (≥ ${formatDuration(low)})`
  const span =
    low < 0
      ? `${formatDuration(low)} to ${formatDuration(high)}`
      : formatBounds({ lowerUs: low, upperUs: high })
  return `${text} (${span})`
}
