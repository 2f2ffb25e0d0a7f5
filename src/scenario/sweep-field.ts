import { z } from 'zod'
import { show } from './problem.ts'
import { didYouMean } from './suggestion.ts'
import { SWEEP_KEYS, type SweepKey } from './sweep.ts'
import { isPlainNumber } from './units.ts'
import { type Written, writtenText, writtenWords } from './written.ts'

/** A sweep as it is written: its values are not yet checked as its key's. */
export interface SweepWish {
  readonly key: SweepKey
  readonly values: readonly (string | number)[]
  /** Written as a map, whose values have places of their own. */
  readonly isMap: boolean
}

const EXPECTED = 'a key and its values, such as interval=500ms,1s,2s, or none'
const KEYS = `one of ${SWEEP_KEYS.join(', ')}`
const MOST_VALUES = 100

const WRITTEN: readonly Written[] = [
  writtenWords('none'),
  writtenText(`\\s*(?:${SWEEP_KEYS.join('|')})\\s*=[^=]*`),
  {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties: Object.fromEntries(
      SWEEP_KEYS.map((key) => [
        key,
        { type: 'array', minItems: 2, items: { type: ['number', 'string'] } },
      ]),
    ),
  },
]

/**
 * `interval=500ms,1s,2s`, in a file also `{ interval: [500ms, 1s, 2s] }`; null for `none`, which
 * takes back what a layer below says.
 */
export function sweepField() {
  const error = complain('is not a sweep')
  const value = z.union([z.number(), z.string()], { error })
  const values = z.array(value, { error })
  return z
    .union([z.string({ error }), z.record(z.string(), values, { error })], { error })
    .meta({ anyOf: [...WRITTEN], description: EXPECTED })
    .transform((input, context): SweepWish | null => {
      if (input === 'none') return null
      const wish = typeof input === 'string' ? fromText(input) : fromMap(input)
      const problem =
        wish === null ? `${show(input)} is not a sweep; expected ${EXPECTED}` : flaw(wish)
      if (problem === null && wish !== null && isSweepKey(wish.key))
        return { ...wish, key: wish.key }
      const path = wish?.isMap === true ? [wish.key] : []
      context.addIssue({ code: 'custom', message: problem ?? '', path })
      return z.NEVER
    })
}

interface Raw extends Omit<SweepWish, 'key'> {
  readonly key: string
}

function fromText(text: string): Raw | null {
  const [key = '', list, ...more] = text.split('=')
  if (list === undefined || more.length > 0) return null
  const values = list.split(',').map((value) => value.trim())
  const typed = values.map((value) => (isPlainNumber(value) ? Number(value) : value))
  return { key: key.trim(), values: list.trim() === '' ? [] : typed, isMap: false }
}

function fromMap(map: Readonly<Record<string, readonly (string | number)[]>>): Raw | null {
  const [first, ...more] = Object.entries(map)
  if (first === undefined || more.length > 0) return null
  return { key: first[0], values: first[1], isMap: true }
}

/** What is wrong with it before its values are looked at, or null. */
function flaw({ key, values }: Raw): string | null {
  if (!isSweepKey(key)) {
    return `${show(key)} is no key that can be swept${didYouMean(key, SWEEP_KEYS)}; expected ${KEYS}`
  }
  if (values.length < 2) {
    return `${values.length === 0 ? 'no value' : 'a single value'} for ${key}; expected at least two`
  }
  return values.length > MOST_VALUES
    ? `${values.length} values for ${key}; expected at most ${MOST_VALUES}`
    : null
}

function isSweepKey(key: string): key is SweepKey {
  return SWEEP_KEYS.some((known) => known === key)
}

function complain(problem: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    `${show(input)} ${problem}; expected ${EXPECTED}`
}
