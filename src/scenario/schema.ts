import { z } from 'zod'
import { backplaneNames } from '../backplane/registry.ts'
import { choice, list, quantity, words } from './field.ts'
import {
  channels,
  clients,
  count,
  duration,
  durationOrZero,
  HOUR,
  MINUTE,
  MOST_CLIENTS,
  MOST_EVENTS_PER_SECOND,
  MOST_PROCESSES,
  processes,
  rampUp,
  rate,
  seed,
  size,
  WEEK,
  within,
} from './figure.ts'
import { didYouMean } from './suggestion.ts'
import { sweepField } from './sweep-field.ts'
import type { EndpointKey } from './target.ts'
import { targetSchema } from './target-schema.ts'
import { refuseTargetUrl } from './target-url.ts'
import { isMetric, parseThreshold, WRITTEN_THRESHOLD } from './threshold.ts'
import { formatWhole, isRefusal, type Refusal, WRITTEN, writeBytes } from './units.ts'
import {
  type Written,
  writtenInteger,
  writtenList,
  writtenNumber,
  writtenText,
  writtenWords,
} from './written.ts'

/** What a scenario is checked against besides itself. */
export interface Bounds {
  readonly transportNames: readonly string[]
  /** The length of the longest mark: a payload must hold it. */
  readonly minPayloadBytes: number
  /** What the description of a server may say of a transport. */
  readonly endpointKeys: (transport: string) => readonly EndpointKey[]
}

const MOST_PAYLOAD_BYTES = 64 * 1024
const MOST_REPETITIONS = 1000
const MOST_DESCRIPTION = 1000
const NAME = '[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}'

const DURATION = writtenText(WRITTEN.duration)
const DURATION_OR_ZERO = [{ const: 0 }, writtenText(`${WRITTEN.duration}|${WRITTEN.zero}`)]

/**
 * The shape of a scenario as it is written: every key optional, its output in base units. All its
 * messages are rtbench's own and read `what is wrong; expected what`.
 */
export function scenarioSchema({ transportNames, minPayloadBytes, endpointKeys }: Bounds) {
  const smallest = writeBytes(minPayloadBytes)
  const largest = writeBytes(MOST_PAYLOAD_BYTES)
  return z
    .strictObject({
      name: words(
        'at most 64 letters, digits, ".", "_" or "-" that can name a file',
        refuseName,
        writtenText(NAME),
      ),
      description: words('at most 1,000 characters', refuseDescription, {
        maxLength: MOST_DESCRIPTION,
      }),
      transport: list(
        `all, or some of ${transportNames.join(', ')}`,
        (items, index) => refuseTransport(items, index, transportNames),
        writtenItems(['all', ...transportNames].join('|'), ['all', ...transportNames]),
      ),
      clients: quantity(
        'a count',
        'a whole number such as 1000, or a count such as 10k',
        clients,
        writtenCount(MOST_CLIENTS),
      ),
      duration: quantity('a duration', 'a duration such as 500ms, 10s or 2m', duration(1, WEEK), [
        DURATION,
      ]),
      warmup: quantity(
        'a duration',
        'a duration such as 500ms or 2s, or 0',
        durationOrZero(0, WEEK),
        DURATION_OR_ZERO,
      ),
      rampUp: quantity(
        'a duration',
        'auto, or a duration such as 5s',
        rampUp,
        [DURATION],
        ['auto'],
      ),
      channels: quantity(
        'a number of channels',
        'per-client, broadcast, or a whole number of at least 1',
        channels,
        writtenCount(MOST_CLIENTS),
        ['per-client', 'broadcast'],
      ),
      rate: quantity(
        'a rate',
        'events per second and channel, such as 0.1, 1k, 6/min or 1/100s, or 0 for none',
        rate,
        [writtenNumber(0, MOST_EVENTS_PER_SECOND), writtenText(WRITTEN.rate)],
      ),
      arrivals: choice(['poisson', 'constant']),
      payload: quantity(
        'a size',
        `${smallest} (its mark) to ${largest}, such as 128 or 4KiB`,
        (input) => within(size(input), minPayloadBytes, MOST_PAYLOAD_BYTES, writeBytes),
        [writtenInteger(minPayloadBytes, MOST_PAYLOAD_BYTES), writtenText(WRITTEN.size)],
      ),
      interval: quantity(
        'a duration',
        'a duration from 1ms to 1h, or 0 to ask again at once',
        durationOrZero(1, HOUR),
        DURATION_OR_ZERO,
      ),
      hold: quantity(
        'a duration',
        'a duration from 100ms to 10m, such as 30s',
        duration(100, 10 * MINUTE),
        [DURATION],
      ),
      engine: choice(['lean', 'library']),
      instances: quantity(
        'a number of processes',
        'auto, or a whole number',
        processes,
        writtenCount(MOST_PROCESSES),
        ['auto'],
      ),
      workers: quantity(
        'a number of processes',
        'auto, or a whole number',
        processes,
        writtenCount(MOST_PROCESSES),
        ['auto'],
      ),
      backplane: words(
        backplaneNames.length > 1
          ? backplaneNames.join(' or ')
          : `${backplaneNames}, the only backplane in this version`,
        refuseBackplane,
        writtenWords(...backplaneNames),
      ),
      url: words(
        'a base URL with http:// or https://, such as http://127.0.0.1:8080',
        refuseTargetUrl,
        writtenText('[Hh][Tt][Tt][Pp][Ss]?:\\/\\/[^\\s?#]+'),
      ),
      target: targetSchema(transportNames, endpointKeys),
      repeat: quantity(
        'a count',
        `a whole number from 1 to ${formatWhole(MOST_REPETITIONS)}`,
        (input) => within(count(input), 1, MOST_REPETITIONS, formatWhole),
        writtenCount(MOST_REPETITIONS),
      ),
      sweep: sweepField(),
      threshold: list(
        'a condition such as p99<200ms, lost==0 or reach>=99.9%',
        refuseThreshold,
        writtenItems(WRITTEN_THRESHOLD),
      ),
      seed: quantity('a number', 'a whole number from 0 to 4294967295', seed, [
        writtenInteger(0, 2 ** 32 - 1),
      ]),
    })
    .partial()
}

/** What a layer says, in base units. */
export type ScenarioValues = z.output<ReturnType<typeof scenarioSchema>>

function writtenCount(most: number): readonly Written[] {
  return [writtenInteger(1, most), writtenText(WRITTEN.count)]
}

/**
 * One text with commas, or a list.
 * @param names that an editor offers, each at most once; none where any text of that form will do
 */
function writtenItems(word: string, names: readonly string[] = []): readonly Written[] {
  const named = names.length > 0
  const offer = named ? [writtenWords(...names)] : []
  const items = { anyOf: [...offer, writtenText(`\\s*(?:${word})\\s*`)] }
  return [...offer, writtenList(word), { type: 'array', items, minItems: 1, uniqueItems: named }]
}

function refuseName(text: string): Refusal | null {
  const fine = new RegExp(`^${NAME}$`, 'u').test(text)
  return fine ? null : { problem: 'cannot name a file' }
}

function refuseDescription(text: string): Refusal | null {
  return text.length > MOST_DESCRIPTION ? { problem: 'is too long' } : null
}

function refuseBackplane(text: string): Refusal | null {
  return backplaneNames.includes(text) ? null : { problem: 'is not available' }
}

function refuseTransport(
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

function refuseThreshold(items: readonly string[], index: number): Refusal | null {
  const text = items[index] ?? ''
  const threshold = parseThreshold(text)
  if (!isRefusal(threshold)) return null
  return isMetric(text)
    ? { problem: `${threshold.problem} (a shell wants it in quotes, or takes < and > for itself)` }
    : threshold
}
