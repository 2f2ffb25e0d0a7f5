/**
 * The kinds of fields that a scenario has, as zod types whose messages are made for people:
 * `what is wrong; expected what`.
 */
import { z } from 'zod'
import { show } from './problem.ts'
import { didYouMean } from './suggestion.ts'
import { isRefusal, type Refusal } from './units.ts'
import { type Written, writtenWords } from './written.ts'

/** A number, or a text that a parser of units reads; or one of some names. */
export function quantity<T>(
  noun: string,
  expected: string,
  read: (input: string | number) => T | Refusal,
  written: readonly Written[],
  names: readonly string[] = [],
) {
  const error = complain(`is not ${noun}`, expected)
  const anyOf = names.length === 0 ? written : [writtenWords(...names), ...written]
  return z
    .union([z.number(), z.string()], { error })
    .meta({ anyOf, description: expected })
    .transform((input, context): T => {
      const value = read(input)
      if (!isRefusal(value)) return value
      const problem = value.problem + didYouMean(String(input), names)
      context.addIssue({ code: 'custom', message: complaint(input, problem, expected) })
      return z.NEVER
    })
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

/** One of a few words. */
export function choice<const Word extends string>(choices: readonly Word[]) {
  const expected = choices.join(' or ')
  return z.enum(choices, {
    error: ({ input }) => {
      const hint = typeof input === 'string' ? didYouMean(input, choices) : ''
      return complaint(input, `is not known${hint}`, expected)
    },
  })
}

/** A list of texts, or one text with commas; `refuse` judges the item at an index, or null. */
export function list(
  expected: string,
  refuse: (items: readonly string[], index: number) => Refusal | null,
  anyOf: readonly Written[],
) {
  const error = complain('is not a text', expected)
  const item = z.string({ error })
  const either = z.union([item, z.array(item, { error })], { error })
  return either.meta({ anyOf, description: expected }).transform((input, context) => {
    const items = (typeof input === 'string' ? input.split(',') : input).map((text) => text.trim())
    if (items.length === 0) {
      context.addIssue({ code: 'custom', message: `an empty list; expected ${expected}` })
    }
    for (let index = 0; index < items.length; index++) {
      const refusal = refuse(items, index)
      if (refusal === null) continue
      const message = complaint(items[index], refusal.problem, expected)
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
  return z.union([status, z.array(status, { error })], { error }).transform((input, context) => {
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
