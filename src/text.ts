/** Words for a person, in one line, whatever they are about. */

/** One of a schema's issues: zod's, as far as it is told. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The longest part of a path that is told: a foreign document may have keys of any length. */
const MAX_PATH = 200

/** `runs[0].latency.p50Us: expected number, received string`; of several problems the first. */
export function firstProblem(issues: readonly Issue[]): string {
  const [first] = issues
  if (first === undefined) return 'unknown'
  const path = first.path.map(step).join('').replace(/^\./, '') || 'document'
  const message = first.message.replace(/^(?:Invalid input|Too small|Too big): /, '')
  return `${path.slice(0, MAX_PATH)}: ${message}`
}

/** The same, with the number that was found: it tells a wrong sign from a wrong unit. */
export function firstProblemOf(value: unknown, issues: readonly Issue[]): string {
  const found = issues[0]?.path.reduce<unknown>(at, value)
  return `${firstProblem(issues)}${typeof found === 'number' ? `, found ${found}` : ''}`
}

function step(key: PropertyKey): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`
}

function at(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined
}

/** `1 worker`, `10,000 workers` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
