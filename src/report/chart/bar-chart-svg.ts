import { type Markup, markup } from '../markup.ts'

/** A bar: a name, a figure as text and as a length, and where the figure lies. */
export interface Bar {
  readonly label: string
  readonly hue: number
  readonly text: string
  readonly value: number
  readonly low: number
  /** Null where nothing bounds it from above. */
  readonly high: number | null
  /** What stands for the ends in words; null where they are not known. */
  readonly interval: string | null
  /** In a word why it does not count. */
  readonly mark?: string
}

const WIDTH = 268
const TITLE_HEIGHT = 26
const ROW_HEIGHT = 44
const BAR_HEIGHT = 14
/** A longer name would meet the figure after it. */
const LONGEST_NAME = 26

/** Bars from zero below each other, each with its name, its figure and a whisker from end to end. */
export function barChartSvg(title: string, bars: readonly Bar[], id: string): Markup {
  const height = TITLE_HEIGHT + ROW_HEIGHT * bars.length
  const most = Math.max(...bars.map(({ value, high }) => Math.max(value, high ?? value)))
  const at = (value: number): number =>
    most > 0 ? Math.round((value / most) * (WIDTH - 4) * 10) / 10 : 0
  const told = bars.map((bar) => `${nameOf(bar)}: ${bar.text}${inBrackets(bar.interval)}`)
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${told.join('; ')}.</desc><text class="name heading" x="0" y="12">${title}</text>${bars.map((bar, i) => row(bar, TITLE_HEIGHT + ROW_HEIGHT * i, at))}</svg>`
}

function row(bar: Bar, top: number, at: (value: number) => number): Markup {
  const { hue, text, value, low, high, interval, mark } = bar
  const y = top + 18
  const middle = y + BAR_HEIGHT / 2
  const faint = mark === undefined ? '' : ' faint'
  const end = high === null ? WIDTH : at(high)
  const whisker =
    interval === null || end - at(low) < 1
      ? null
      : markup`<path class="whisker" d="M${at(low)} ${middle}H${end}M${at(low)} ${middle - 4}v8${high === null ? '' : `M${end} ${middle - 4}v8`}"/>`
  return markup`<text x="0" y="${top + 11}">${short(nameOf(bar))}</text><text class="name" x="${WIDTH}" y="${top + 11}" text-anchor="end">${text}</text><path class="grid" d="M0 ${y + BAR_HEIGHT}H${WIDTH}"/><rect class="block h${hue}${faint}" x="0" y="${y}" width="${Math.max(value > 0 ? 1 : 0, at(value))}" height="${BAR_HEIGHT}"/>${whisker}`
}

function nameOf({ label, mark }: Bar): string {
  return mark === undefined ? label : `${label} (${mark})`
}

function short(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
}

function inBrackets(text: string | null): string {
  return text === null ? '' : ` (${text})`
}
