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

/** The first problem, with the number that was found: it tells a wrong sign from a wrong unit. */
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

/** Text from anywhere, in one line, without what moves a cursor or is a command to a CI that reads the output. */
export function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ')
      .trim()
      .replace(COMMAND, '# #')
  )
}

/** `##[error]`, `##vso[task.complete]`, `##teamcity[…]`: GitHub, Azure and TeamCity act on them wherever they stand. */
const COMMAND = /##(?=\w*\[)/g

/** Takes apart what begins a line like a command of GitHub's runner, which passes over space before it. */
export function inert(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1: ')
}

/** Several lines of such text, none of them a command; what is indented by spaces stays so. */
export function printableLines(text: string): string {
  const lines = text.split('\n').map((line) => (/^ */.exec(line)?.[0] ?? '') + printable(line))
  return inert(lines.join('\n'))
}
