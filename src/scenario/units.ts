/**
 * Quantities as people write them. The parsers are strict and give either the value in its base
 * unit or a `Refusal`; decimal factors are applied to the digits (`1.001k` is exactly 1001), not
 * by multiplying floating-point numbers.
 */

/** Why a text is not the quantity wanted, as a predicate that follows it: `has no unit`. */
export interface Refusal {
  readonly problem: string
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'problem' in value
}

/** What a quantity's digits look like, without a sign. */
const DIGITS = '\\d{1,30}(?:\\.\\d{1,30})?'
const QUANTITY = new RegExp(`^(-?)(${DIGITS})([A-Za-zµ%]{0,12})$`)

/** Splits `1.5s` into its digits and what its unit stands for. */
function split<Factor>(
  text: string,
  noun: string,
  units: ReadonlyMap<string, Factor>,
): { readonly digits: string; readonly factor: Factor } | Refusal {
  const match = QUANTITY.exec(text)
  if (match === null) return { problem: `is not ${noun}` }
  const [, sign, digits = '', unit = ''] = match
  if (sign === '-') return { problem: 'is negative' }
  const factor = units.get(unit)
  if (factor !== undefined) return { digits, factor }
  return { problem: unit === '' ? 'has no unit' : `has the unknown unit ${unit}` }
}

const MICROSECONDS: ReadonlyMap<string, number> = new Map([
  ['us', 1],
  ['ms', 1e3],
  ['s', 1e6],
  ['m', 60e6],
  ['min', 60e6],
  ['h', 3600e6],
])

const DAY = 24 * 3600e6
/** What a rate may be per, beside a duration: people count by the day what they send to a user. */
const PERIODS: ReadonlyMap<string, number> = new Map([
  ...MICROSECONDS,
  ...plural('second', 1e6),
  ...plural('minute', 60e6),
  ...plural('hour', 3600e6),
  ['d', DAY],
  ...plural('day', DAY),
  ...plural('week', 7 * DAY),
])

function plural(unit: string, factor: number): readonly (readonly [string, number])[] {
  return [
    [unit, factor],
    [`${unit}s`, factor],
  ]
}

/**
 * `500ms`, `1.5s`, `2m`, `1h` → milliseconds, to the microsecond.
 *
 * @param zeroAllowed a bare `0` needs no unit
 */
export function parseDuration(text: string, zeroAllowed = false): number | Refusal {
  if (zeroAllowed && /^0{1,30}(?:\.0{1,30})?$/.test(text)) return 0
  const quantity = split(text, 'a duration', MICROSECONDS)
  return isRefusal(quantity) ? quantity : milliseconds(quantity)
}

function milliseconds({ digits, factor }: { digits: string; factor: number }): number {
  return Math.round(Number(digits) * factor) / 1e3
}

const DECIMAL_EXPONENTS: ReadonlyMap<string, string> = new Map([
  ['', 'e0'],
  ['k', 'e3'],
  ['K', 'e3'],
  ['M', 'e6'],
])

/** `100`, `10k`, `1.5M` → a whole number. */
export function parseCount(text: string): number | Refusal {
  const quantity = split(text, 'a count', DECIMAL_EXPONENTS)
  return isRefusal(quantity) ? quantity : whole(Number(quantity.digits + quantity.factor))
}

const BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
])

/** `128`, `128B`, `64KB` (64,000), `64KiB` (65,536), `1MiB` → bytes. */
export function parseBytes(text: string): number | Refusal {
  const quantity = split(text, 'a size', BYTES)
  if (isRefusal(quantity)) return quantity
  return whole(Math.round(Number(quantity.digits) * quantity.factor * 1e6) / 1e6)
}

/** `0.1`, `1k`, `10/s`, `6/min`, `20/day`, `1/100s` → events per second. */
export function parseRate(text: string): number | Refusal {
  const slash = text.indexOf('/')
  const amount = split(slash === -1 ? text : text.slice(0, slash), 'a rate', DECIMAL_EXPONENTS)
  if (isRefusal(amount)) return amount
  const events = Number(amount.digits + amount.factor)
  if (slash === -1) return events
  const per = text.slice(slash + 1)
  const period = split(/^\d/.test(per) ? per : `1${per}`, 'a duration', PERIODS)
  if (isRefusal(period)) return { problem: `is not a rate: ${per} ${period.problem}` }
  const periodMs = milliseconds(period)
  if (periodMs === 0) return { problem: 'is not a rate: its period is zero' }
  return (events * 1000) / periodMs
}

function whole(value: number): number | Refusal {
  if (!Number.isInteger(value)) return { problem: 'is not a whole number' }
  if (!Number.isSafeInteger(value)) return { problem: 'is too large' }
  return value
}

/** Milliseconds → `500ms`, `1.5s`, `2m`, `1h`; `parseDuration` reads it back. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 1) return `${decimal(ms * 1e3, 0)}us`
  if (ms < 1e3) return `${decimal(ms, 3)}ms`
  if (ms >= 3600e3 && ms % 3600e3 === 0) return `${ms / 3600e3}h`
  if (ms >= 60e3 && ms % 60e3 === 0) return `${ms / 60e3}m`
  return `${decimal(ms / 1e3, 6)}s`
}

const WRITTEN_PERIODS = ['min', 'h', 'day', 'week']

/** Events per second → `0.1`, or `20/day` where that is shorter; read back, it is the same. */
export function writeRate(perSecond: number): string {
  const texts = WRITTEN_PERIODS.map((unit) => {
    const amount = (perSecond * (PERIODS.get(unit) ?? 0)) / 1e6
    return `${Number(amount.toPrecision(12))}/${unit}`
  })
  const shortest = texts.filter((text) => parseRate(text) === perSecond)
  return [String(perSecond), ...shortest].reduce((one, other) =>
    other.length < one.length ? other : one,
  )
}

/** `12.5 %` */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

/** A whole number with its thousands apart: `10,000`. */
export function formatWhole(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/** To two significant digits, no more than there are. */
export function roundedDown(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1)
  return Math.floor(count / unit) * unit
}

/** `2.5 GB`, `280 GB`: as exact as a rough sum of memory is. */
export function formatGigabytes(bytes: number): string {
  const rounded = (bytes / 1e9).toPrecision(2)
  return `${bytes < 10e9 ? rounded : formatWhole(Number(rounded))} GB`
}

/** Bytes → `128B`, `64KiB`, `1.5MiB`, to three significant digits where it is not exact. */
export function writeBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let scaled = bytes
  let step = 0
  while (scaled >= 1024 && step < units.length - 1) {
    scaled /= 1024
    step++
  }
  const digits = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2
  return `${decimal(scaled, digits)}${units[step]}`
}

/** At most so many decimals, without trailing zeros. */
function decimal(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

/** Whether a text is nothing but a number: `100`, `-5`, `1.5`, `1e9`. */
export function isPlainNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)
}

/**
 * What the parsers read, as sources of regular expressions without anchors: all that they accept
 * matches, and some that is out of bounds does, too. A plain number is left out, as it needs no
 * quotes in a file.
 */
export const WRITTEN = {
  duration: `${DIGITS}(?:${unitsOf(MICROSECONDS)})`,
  /** As a text; `parseDuration` reads it where a zero needs no unit. */
  zero: '0+(?:\\.0+)?',
  count: `${DIGITS}(?:${unitsOf(DECIMAL_EXPONENTS)})`,
  size: `${DIGITS}(?:${unitsOf(BYTES)})`,
  rate: `${DIGITS}(?:${unitsOf(DECIMAL_EXPONENTS)})?(?:/(?:${DIGITS})?(?:${unitsOf(PERIODS)}))?`,
} as const

function unitsOf(factors: ReadonlyMap<string, unknown>): string {
  return [...factors.keys()].filter((unit) => unit !== '').join('|')
}
