/** The values of a scenario: how each is written, and read within its bounds, in base units. */
import { isIP } from 'node:net'
import { BACKPLANES } from '../backplane/registry.ts'
import { didYouMean } from './suggestion.ts'
import { isMetric, parseThreshold } from './threshold.ts'
import {
  formatWhole,
  isPlainNumber,
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
  WRITTEN,
  writeDuration,
} from './units.ts'

export const MOST_CLIENTS = 10_000_000
/** Both sides and the kernel; a rough figure, for a message only. */
const KB_PER_CLIENT = 16
export const MOST_PROCESSES = 1024
export const MOST_EVENTS_PER_SECOND = 1_000_000
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const WEEK = 168 * HOUR
export const MOST_DESCRIPTION = 1000
export const NAME = '[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}'

/** As on the command line, with its unit; or a plain number without one. */
export type Quantity = string | number

export function count(input: Quantity): number | Refusal {
  return whole(input, parseCount)
}

export function clients(input: Quantity): number | Refusal {
  const value = within(count(input), 1, Number.POSITIVE_INFINITY, formatWhole)
  if (isRefusal(value) || value <= MOST_CLIENTS) return value
  const gigabytes = formatWhole((value * KB_PER_CLIENT) / 1e6)
  const sum = `${formatWhole(value)} clients × ${KB_PER_CLIENT} KB are about ${gigabytes} GB`
  return { problem: `is above ${formatWhole(MOST_CLIENTS)} (${sum})` }
}

export function channels(input: Quantity): number | 'per-client' | Refusal {
  if (input === 'per-client') return input
  return input === 'broadcast' ? 1 : within(count(input), 1, MOST_CLIENTS, formatWhole)
}

export function processes(input: Quantity): number | 'auto' | Refusal {
  return input === 'auto' ? input : within(count(input), 1, MOST_PROCESSES, formatWhole)
}

export function size(input: Quantity): number | Refusal {
  return whole(input, parseBytes)
}

export function rate(input: Quantity): number | Refusal {
  const text = typeof input === 'string'
  const value = text ? (isPlainNumber(input) ? quoted : parseRate(input)) : input
  return within(value, 0, MOST_EVENTS_PER_SECOND, formatWhole)
}

export function sendRate(input: Quantity): number | Refusal {
  const value = rate(input)
  return value === 0 ? { problem: 'is not above 0' } : value
}

export function seed(input: Quantity): number | Refusal {
  return within(
    whole(input, () => ({ problem: 'is not a number' })),
    0,
    2 ** 32 - 1,
    String,
  )
}

export function rampUp(input: Quantity): number | null | Refusal {
  return input === 'auto' ? null : duration(1, HOUR)(input)
}

export function heartbeat(input: Quantity): number | null | Refusal {
  return input === 'auto' ? null : duration(50, 10 * MINUTE)(input)
}

export function duration(minMs: number, maxMs: number) {
  return (input: Quantity) => within(parseDuration(String(input)), minMs, maxMs, writeDuration)
}

export function durationOrZero(minMs: number, maxMs: number) {
  return (input: Quantity) => {
    const value = parseDuration(String(input), true)
    return value === 0 ? value : within(value, minMs, maxMs, writeDuration)
  }
}

/** A whole number, or what a parser of units makes of a text. */
function whole(input: Quantity, parse: (text: string) => number | Refusal): number | Refusal {
  if (typeof input === 'string') return isPlainNumber(input) ? quoted : parse(input)
  return Number.isInteger(input) ? input : { problem: 'is not a whole number' }
}

/** In a file, a number in quotes is a text; which of the two was meant is not ours to guess. */
const quoted: Refusal = { problem: 'is a text: a plain number has no quotes' }

export function within(
  value: number | Refusal,
  min: number,
  max: number,
  format: (value: number) => string,
): number | Refusal {
  if (isRefusal(value)) return value
  if (value < min) return { problem: `is below ${format(min)}` }
  return value > max ? { problem: `is above ${format(max)}` } : value
}

/**
 * How values are written in a file, as JSON Schema. An editor completes and checks by it; zod never
 * does. It may accept what rtbench refuses (`1.0005k` clients), never the other way round.
 */
export type Written = Readonly<Record<string, unknown>>

/** One of some words, which an editor offers. */
export function writtenWords(...words: readonly string[]): Written {
  return { enum: words }
}

/** @param source of a regular expression for the whole text */
export function writtenText(source: string): Written {
  return { type: 'string', pattern: `^(?:${source})$` }
}

export function writtenNumber(minimum: number, maximum: number): Written {
  return { type: 'number', minimum, maximum }
}

export function writtenInteger(minimum: number, maximum: number): Written {
  return { type: 'integer', minimum, maximum }
}

/** Words with commas between them, each with blanks around it or not. */
function writtenList(word: string): Written {
  return writtenText(`\\s*(?:${word})\\s*(?:,\\s*(?:${word})\\s*)*`)
}

export function writtenCount(most: number): readonly Written[] {
  return [writtenInteger(1, most), writtenText(WRITTEN.count)]
}

/**
 * One text with commas, or a list.
 * @param names that an editor offers, each at most once; none where any text of that form will do
 */
export function writtenItems(word: string, names: readonly string[] = []): readonly Written[] {
  const named = names.length > 0
  const offer = named ? [writtenWords(...names)] : []
  const items = { anyOf: [...offer, writtenText(`\\s*(?:${word})\\s*`)] }
  return [...offer, writtenList(word), { type: 'array', items, minItems: 1, uniqueItems: named }]
}

export function refuseName(text: string): Refusal | null {
  const fine = new RegExp(`^${NAME}$`, 'u').test(text)
  return fine ? null : { problem: 'cannot name a file' }
}

export function refuseDescription(text: string): Refusal | null {
  return text.length > MOST_DESCRIPTION ? { problem: 'is too long' } : null
}

export function httpVersion(input: Quantity): number | Refusal {
  return input === 1 || input === 2 ? input : { problem: 'is not spoken here' }
}

/** It is opened when it is wanted. */
export function refuseFileName(text: string): Refusal | null {
  return text === '' || text.includes('\0') ? { problem: 'names no file' } : null
}

export const MOST_SERVER_NAME = 253

/** A name of DNS (RFC 6066, section 3): an address cannot be asked for. */
export function refuseServerName(text: string): Refusal | null {
  if (isIP(text) !== 0) return { problem: 'is an address' }
  return text.length <= MOST_SERVER_NAME && /^[\w-]+(?:\.[\w-]+)*$/.test(text)
    ? null
    : { problem: 'is no name of a server' }
}

export function refuseTransport(
  items: readonly string[],
  index: number,
  known: readonly string[],
): Refusal | null {
  const name = items[index] ?? ''
  if (items.indexOf(name) < index) return { problem: 'is listed twice' }
  if (name === 'all') {
    return items.length === 1 ? null : { problem: 'already includes every transport' }
  }
  if (known.includes(name)) return null
  return { problem: `is not a transport${didYouMean(name, known)}` }
}

/** Of a list of names, each once. @param what `a proxy` */
export function refuseKnown(
  items: readonly string[],
  index: number,
  what: string,
  known: readonly string[],
): Refusal | null {
  const name = items[index] ?? ''
  if (items.indexOf(name) < index) return { problem: 'is listed twice' }
  return known.includes(name) ? null : { problem: `is not ${what}${didYouMean(name, known)}` }
}

export function refuseThreshold(items: readonly string[], index: number): Refusal | null {
  const text = items[index] ?? ''
  const threshold = parseThreshold(text)
  if (!isRefusal(threshold)) return null
  return isMetric(text)
    ? { problem: `${threshold.problem} (a shell wants it in quotes, or takes < and > for itself)` }
    : threshold
}

const BUS_SCHEMES = BACKPLANES.flatMap(({ schemes }) => schemes).filter((name) => name !== 'memory')

/** Whether there is such a bus at all; what answers at its URL is seen when it is opened. */
export function refuseBackplane(text: string): Refusal | null {
  if (text === 'memory' || text === 'none') return null
  const scheme = /^([a-z][a-z\d+.-]*):\/\/[^\s\p{Cc}]+$/iu.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined)
    return { problem: `is no backplane${didYouMean(text, ['memory', 'none'])}` }
  if (BUS_SCHEMES.includes(scheme)) return null
  return { problem: `has the scheme ${scheme}, and a bus has one of ${BUS_SCHEMES.join(', ')}` }
}
