import { RtbenchError } from '../error.ts'
import { withoutCredentials, withoutSecrets } from './secret.ts'

/** Where a value stands, for a person and for sorting. */
export interface Place {
  /** `--clients`, `RTBENCH_CLIENTS` or `x.yaml:3:10 clients`. */
  readonly label: string
  /** Places of one layer sort by this. */
  readonly order: number
  /** Where in a file it is, from 1. */
  readonly line?: number
  readonly column?: number
  /** `clients`, `target.sse.path` */
  readonly key?: string
}

/** Something wrong with a scenario. */
export interface Problem {
  readonly place: Place
  /** One line: what is wrong and, after `; expected `, what would be right. */
  readonly text: string
}

/** More lines than these help nobody. */
const MOST_LINES = 20

/** The error for these problems, one line each, in the order given. */
export function usageError(problems: readonly Problem[], cause?: unknown): RtbenchError {
  const lines = problems.slice(0, MOST_LINES).map(lineOf)
  const more = problems.length - lines.length
  if (more > 0) lines.push(`… and ${more} more`)
  const error = new RtbenchError('usage', lines.join('\n'), cause)
  PROBLEMS.set(error, problems)
  return error
}

const PROBLEMS = new WeakMap<RtbenchError, readonly Problem[]>()

/** All that an error of `usageError` tells, one by one; nothing of another error. */
export function problemsOf(error: RtbenchError): readonly Problem[] {
  return PROBLEMS.get(error) ?? []
}

/** `x.yaml:3:10 clients: is below 1; expected …` */
export function lineOf({ place, text }: Problem): string {
  return escapeControls(`${withoutCredentials(place.label)}: ${text}`)
}

/** A value as a person would recognise it, on one line and not endless. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'no value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value !== 'string') return String(value)
  const text = withoutSecrets(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** A key as it is where that is harmless, quoted otherwise. */
export function showKey(key: string): string {
  return /^[\w$.-]{1,60}$/.test(key) ? key : show(key)
}

/** Keeps a foreign text from breaking the line or commanding the terminal. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
