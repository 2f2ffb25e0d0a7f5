/**
 * The kinds of fields that a scenario has, as zod types whose messages are made for people:
 * `what is wrong; expected what`.
 */
import { z } from 'zod'
import { show } from './problem.ts'
import { didYouMean } from './suggestion.ts'
import { isPlainNumber, isRefusal, type Refusal, WRITTEN } from './units.ts'
import {
  processes as countOfProcesses,
  MOST_PROCESSES,
  type Quantity,
  type Written,
  writtenCount,
  writtenText,
  writtenWords,
} from './values.ts'

/** How results keep values: what is not of the kind is no result. */
export const KEPT = {
  text: z.string(),
  texts: z.array(z.string()).readonly(),
  truth: z.boolean(),
  count: z.int().min(0),
  positiveCount: z.int().min(1),
  amount: z.number().min(0),
  positive: z.number().positive(),
  oneOrMore: <Word extends string>(word: Word) => z.union([z.literal(word), z.int().min(1)]),
} as const

/**
 * A number, or a text that a parser of units reads; or one of some names. `Input` is what a program
 * may write by its types; whatever else is written is read as well, and refused in words.
 */
export function quantity<T, Input extends Quantity = Quantity>(
  noun: string,
  expected: string,
  read: (input: Quantity) => T | Refusal,
  written: readonly Written[],
  names: readonly string[] = [],
): z.ZodType<T, Input> {
  const error = complain(`is not ${noun}`, expected)
  const anyOf = names.length === 0 ? written : [writtenWords(...names), ...written]
  const field = z
    .union([z.number(), z.string()], { error })
    .meta({ anyOf, description: expected })
    .transform((input, context): T => {
      const value = read(input)
      if (!isRefusal(value)) return value
      const problem = value.problem + didYouMean(String(input), names)
      context.addIssue({ code: 'custom', message: complaint(input, problem, expected) })
      return z.NEVER
    })
  return field as unknown as z.ZodType<T, Input>
}

/** A duration with its unit, or one of some names. */
export function time<T>(
  expected: string,
  read: (input: Quantity) => T | Refusal,
  names: readonly string[] = [],
) {
  const written = [writtenText(WRITTEN.duration)]
  return quantity<T, string>('a duration', expected, read, written, names)
}

/** A duration, or a zero, which needs no unit. */
export function timeOrZero(expected: string, read: (input: Quantity) => number | Refusal) {
  const written = [{ const: 0 }, writtenText(`${WRITTEN.duration}|${WRITTEN.zero}`)]
  return quantity('a duration', expected, read, written)
}

export function processes() {
  return quantity(
    'a number of processes',
    'auto, or a whole number',
    countOfProcesses,
    writtenCount(MOST_PROCESSES),
    ['auto'],
  )
}

/** A text; `refuse` gives what is wrong with it, or null. */
export function words(
  expected: string,
  refuse: (text: string) => Refusal | null,
  written: Written = {},
) {
  return z
    .string({ error: complain('is not a text', expected) })
    .meta({ ...written, description: expected })
    .superRefine((text, context) => {
      const refusal = refuse(text)
      if (refusal === null) return
      context.addIssue({ code: 'custom', message: complaint(text, refusal.problem, expected) })
    })
}

export function truth() {
  const expected = 'true or false'
  return z.boolean({ error: complain(`is neither`, expected) }).meta({ description: expected })
}

export function choice<const Word extends string>(choices: readonly Word[]) {
  const expected = choices.join(' or ')
  return z.enum(choices, {
    error: ({ input }) => {
      const hint = typeof input === 'string' ? didYouMean(input, choices) : ''
      return complaint(input, `is not known${hint}`, expected)
    },
  })
}

/**
 * A list of texts, or one text with commas; `refuse` judges the item at an index, or null.
 * @param meant what an item is taken for
 */
export function list(
  expected: string,
  refuse: (items: readonly string[], index: number) => Refusal | null,
  anyOf: readonly Written[],
  meant: (item: string) => string = (item) => item,
): z.ZodType<readonly string[], string | readonly string[]> {
  const error = complain('is not a text', expected)
  const item = z.string({ error })
  const either = z.union([item, z.array(item, { error })], { error })
  return either.meta({ anyOf, description: expected }).transform((input, context) => {
    const texts = (typeof input === 'string' ? input.split(',') : input).map((text) => text.trim())
    const items = texts.map(meant)
    if (items.length === 0) {
      context.addIssue({ code: 'custom', message: `an empty list; expected ${expected}` })
    }
    for (let index = 0; index < items.length; index++) {
      const refusal = refuse(items, index)
      if (refusal === null) continue
      const message = complaint(texts[index], refusal.problem, expected)
      context.addIssue({ code: 'custom', message, path: [index] })
    }
    return items
  })
}

/** A map of these fields; a key that is none of them is told with the nearest that is. */
export function map<Shape extends z.ZodRawShape>(expected: string, shape: Shape) {
  const keys = Object.keys(shape)
  const unknown = (key: string): string =>
    `unknown key${didYouMean(key, keys)}; expected one of ${keys.join(', ')}`
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? // One line for each, which `resolveScenario` takes apart.
          issue.keys.map(unknown).join('\n')
        : complaint(issue.input, 'is not a map', expected),
  })
}

/** A status of HTTP that ends an exchange, or a list of at least so many. */
export function statuses(expected: string, least = 0) {
  const error = complain('is not a status', expected)
  const status = z.int({ error }).min(200, { error }).max(599, { error })
  return z
    .union([status, z.array(status, { error })], { error })
    .transform((input, context): readonly number[] => {
      const list = typeof input === 'number' ? [input] : input
      if (list.length < least) {
        context.addIssue({ code: 'custom', message: `an empty list; expected ${expected}` })
      }
      return list
    })
}

export function complain(problem: string, expected: string) {
  return ({ input }: { readonly input?: unknown }) => complaint(input, problem, expected)
}

/** `"x" is not known; expected what` */
export function complaint(input: unknown, problem: string, expected: string): string {
  const nothing = input === undefined || input === null
  return `${show(input)}${nothing ? '' : ` ${problem}`}; expected ${expected}`
}

/** A sweep as it is written: its values are not yet checked as its key's. */
export interface SweepWish<Key extends string = string> {
  readonly key: Key
  readonly values: readonly (string | number)[]
  /** Written as a map, whose values have places of their own. */
  readonly isMap: boolean
}

const SWEEP = 'a key and its values, such as interval=500ms,1s,2s, or none'
const MOST_VALUES = 100

function writtenSweeps(keys: readonly string[]): Written[] {
  const values = { type: 'array', minItems: 2, items: { type: ['number', 'string'] } }
  return [
    writtenWords('none'),
    writtenText(`\\s*(?:${keys.join('|')})\\s*=[^=]*`),
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: Object.fromEntries(keys.map((key) => [key, values])),
    },
  ]
}

/**
 * `interval=500ms,1s,2s`, in a file also `{ interval: [500ms, 1s, 2s] }`; null for `none`, which
 * takes back what a layer below says.
 */
export function sweepField(keys: readonly string[]) {
  const error = complain('is not a sweep', SWEEP)
  const value = z.union([z.number(), z.string()], { error })
  const values = z.array(value, { error })
  return z
    .union([z.string({ error }), z.record(z.string(), values, { error })], { error })
    .meta({ anyOf: writtenSweeps(keys), description: SWEEP })
    .transform((input, context): SweepWish | null => {
      if (input === 'none') return null
      const wish = typeof input === 'string' ? fromText(input) : fromMap(input)
      const problem = wish === null ? complaint(input, 'is not a sweep', SWEEP) : flawOf(wish, keys)
      if (problem === null) return wish
      const path = wish?.isMap === true ? [wish.key] : []
      context.addIssue({ code: 'custom', message: problem, path })
      return z.NEVER
    })
}

function fromText(text: string): SweepWish | null {
  const [key = '', list, ...more] = text.split('=')
  if (list === undefined || more.length > 0) return null
  const values = list.split(',').map((value) => value.trim())
  const typed = values.map((value) => (isPlainNumber(value) ? Number(value) : value))
  return { key: key.trim(), values: list.trim() === '' ? [] : typed, isMap: false }
}

function fromMap(map: Readonly<Record<string, readonly (string | number)[]>>): SweepWish | null {
  const [first, ...more] = Object.entries(map)
  if (first === undefined || more.length > 0) return null
  return { key: first[0], values: first[1], isMap: true }
}

/** What is wrong with a sweep before its values are looked at, or null. */
function flawOf({ key, values }: SweepWish, keys: readonly string[]): string | null {
  if (!keys.includes(key)) {
    return `${show(key)} is no key that can be swept${didYouMean(key, keys)}; expected one of ${keys.join(', ')}`
  }
  if (values.length < 2) {
    return `${values.length === 0 ? 'no value' : 'a single value'} for ${key}; expected at least two`
  }
  return values.length > MOST_VALUES
    ? `${values.length} values for ${key}; expected at most ${MOST_VALUES}`
    : null
}
