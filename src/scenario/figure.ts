/** Reads the figures of a scenario as they are written, each within its bounds, in base units. */
import {
  formatWhole,
  isPlainNumber,
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
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

type Input = string | number

export function count(input: Input): number | Refusal {
  if (typeof input === 'string') return isPlainNumber(input) ? quoted : parseCount(input)
  return Number.isInteger(input) ? input : { problem: 'is not a whole number' }
}

export function clients(input: Input): number | Refusal {
  const value = within(count(input), 1, Number.POSITIVE_INFINITY, formatWhole)
  if (isRefusal(value) || value <= MOST_CLIENTS) return value
  const gigabytes = formatWhole((value * KB_PER_CLIENT) / 1e6)
  const sum = `${formatWhole(value)} clients × ${KB_PER_CLIENT} KB are about ${gigabytes} GB`
  return { problem: `is above ${formatWhole(MOST_CLIENTS)} (${sum})` }
}

export function channels(input: Input): number | 'per-client' | Refusal {
  if (input === 'per-client') return input
  return input === 'broadcast' ? 1 : within(count(input), 1, MOST_CLIENTS, formatWhole)
}

export function processes(input: Input): number | 'auto' | Refusal {
  return input === 'auto' ? input : within(count(input), 1, MOST_PROCESSES, formatWhole)
}

export function size(input: Input): number | Refusal {
  if (typeof input === 'string') return isPlainNumber(input) ? quoted : parseBytes(input)
  return Number.isInteger(input) ? input : { problem: 'is not a whole number' }
}

export function rate(input: Input): number | Refusal {
  const text = typeof input === 'string'
  const value = text ? (isPlainNumber(input) ? quoted : parseRate(input)) : input
  return within(value, 0, MOST_EVENTS_PER_SECOND, formatWhole)
}

export function seed(input: Input): number | Refusal {
  if (typeof input === 'string') {
    return isPlainNumber(input) ? quoted : { problem: 'is not a number' }
  }
  return within(count(input), 0, 2 ** 32 - 1, String)
}

export function rampUp(input: Input): number | null | Refusal {
  return input === 'auto' ? null : duration(1, HOUR)(input)
}

export function duration(minMs: number, maxMs: number) {
  return (input: Input) => within(parseDuration(String(input)), minMs, maxMs, writeDuration)
}

export function durationOrZero(minMs: number, maxMs: number) {
  return (input: Input) => {
    const value = parseDuration(String(input), true)
    return value === 0 ? value : within(value, minMs, maxMs, writeDuration)
  }
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
