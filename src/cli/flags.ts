import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { RtbenchError } from '../error.ts'
import { entryOf, flagOf, type ScenarioKey, TOLD_KEYS, usualOf } from '../scenario/keys.ts'
import { showKey, usageError } from '../scenario/problem.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { METRICS } from '../scenario/threshold.ts'
import { isRefusal, type Refusal } from '../scenario/units.ts'

/** Examples and exit codes of `run`, which the help of the whole program has, too. */
export const RUN_EXAMPLES = `
Examples:
  $ rtbench run                                          compare all four, 1,000 clients each
  $ rtbench run --transport sse --clients 10000          one technique, ten thousand clients
  $ rtbench run scenarios/notifications.yaml --json      a scenario; the result document on stdout

Exit codes: 0 done, 1 could not run, 2 usage, 3 threshold missed, 4 measurement invalid,
5 partial result, 6 result not written, 130 interrupted.`

/**
 * Adds the flag of every key of a scenario, under the headings of its notes.
 * @param own keys that the command has flags of its own for
 */
export function addScenarioOptions(
  command: CommandUnknownOpts,
  own: readonly ScenarioKey[] = [],
): void {
  for (const key of TOLD_KEYS) {
    const { argument, group, isSwitch } = entryOf(key)
    if ((argument === undefined && isSwitch !== true) || own.includes(key)) continue
    const value = argument === undefined ? '' : ` <${argument}>`
    const option = new Option(`${flagOf(key)}${value}`, helpOf(key)).helpGroup(`${group}:`)
    command.addOption(REPEATED_KEYS.has(key) ? option.argParser(collect) : option)
  }
  command.addOption(TARGET_OPTION)
}

/** Keys of lists, whose flag adds one to it. */
const REPEATED_KEYS: ReadonlySet<ScenarioKey> = new Set(['threshold', 'disrupt'])

/** A key's line of help, with what is usual. */
function helpOf(key: ScenarioKey): string {
  const { meaning, usual, isSwitch } = entryOf(key)
  const isPlain = isSwitch === true || (usual === undefined && key !== 'seed')
  return isPlain ? meaning : `${meaning} (default: ${usualOf(key)})`
}

/** Where what is measured comes from and goes to. */
export function addMeasurementOptions(command: CommandUnknownOpts): void {
  for (const [flags, description] of MEASUREMENT_OPTIONS) command.option(flags, description)
}

const MEASUREMENT_OPTIONS = [
  ['--token <token>', 'token of the server at --url (or RTBENCH_TOKEN)'],
  ['--allow-remote', 'let --url name another machine'],
  ['--full', 'print all rows of the table'],
  ['--json', 'print the result document, and nothing else, on stdout'],
  ['--out <folder>', 'where to save JSON, Markdown and SVG (or RTBENCH_OUT; default: results)'],
  ['--html', 'save a page for browsers, too'],
  ['--no-save', 'save nothing'],
  ['--quiet', 'no progress'],
  ['--print-config', 'print the scenario with the source of each value; measure nothing'],
  ['--verbose', 'show stack traces'],
] as const

/** The same, as they are written. */
export interface MeasurementFlags {
  readonly token?: string
  readonly allowRemote?: boolean
  /** Prints all rows of the table. */
  readonly full?: boolean
  readonly json?: boolean
  readonly out?: string
  /** Saves a page for browsers, too. */
  readonly html?: boolean
  /** False saves nothing. */
  readonly save?: boolean
  readonly quiet?: boolean
  /** Prints the scenario and measures nothing. */
  readonly printConfig?: boolean
}

/** So that whoever tries it learns where it belongs. */
const TARGET_OPTION = new Option('--target <description>', 'in a scenario file only').hideHelp()

/** A flag that may be given several times: its values in their order. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** A flag that may be given several times: its values as one, with commas. */
export function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`
}

/** What a condition may name, for the help of commands that take conditions. */
export const METRIC_NOTES = `compared by <, <=, >, >= or ==, a unit with each time:
${columns(METRICS)},
  and any other figure of a run by its path, such as server.rssBytesPerClient<=64KiB`

/** Words in lines of less than 100 characters. */
function columns(words: readonly string[]): string {
  return words
    .join(', ')
    .replace(/(.{1,90})(?: |$)/g, '  $1\n')
    .trimEnd()
}

const REPEATABLE: readonly unknown[] = [collect, joined]

export function isRepeatable({ parseArg }: Pick<Option, 'parseArg'>): boolean {
  return REPEATABLE.includes(parseArg)
}

/** Refuses the second value of a flag that takes one: commander would let the last one count. */
export function refuseSecondValues({ options }: CommandUnknownOpts): void {
  for (const option of options) {
    if (!option.required || isRepeatable(option)) continue
    option.argParser((value: string, before: string | undefined) => {
      if (before === undefined) return value
      // A token is nobody's to read.
      const both = option.long === '--token' ? '' : `, ${showKey(before)} and ${showKey(value)}`
      return refuse(option.long ?? option.flags, `is given twice${both}; expected it once`)
    })
  }
}

/**
 * Refuses a flag's value in one line.
 * @throws RtbenchError `usage`
 */
export function refuse(flag: string, text: string): never {
  throw usageError([{ place: { label: flag, order: 0 }, text }])
}

/** The value of a flag, as its parser has it. */
export function readFlag<Value>(
  flag: string,
  text: string,
  parse: (text: string) => Value | Refusal,
): Value {
  const value = parse(text)
  return isRefusal(value) ? refuse(flag, `${showKey(text)} ${value.problem}`) : value
}

/** One of some words, which is all that a flag takes. */
export function wordOf<Word extends string>(
  flag: string,
  text: string,
  known: readonly Word[],
  or = ', ',
): Word {
  const hint = didYouMean(text, known)
  return (
    known.find((one) => one === text) ??
    refuse(flag, `${showKey(text)} is not known${hint}; expected ${known.join(or)}`)
  )
}

/** A share in percent, with a decimal point or without: `10%` → 0.1. */
export function shareOf(flag: string, text: string, leastPercent: number): number {
  const digits = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1]
  const percent = digits === undefined ? Number.NaN : Number(digits)
  if (percent >= leastPercent && percent <= 100) return percent / 100
  const expected = `${leastPercent}% to 100%; expected one such as 10%`
  return refuse(flag, `${showKey(text)} is no share from ${expected}`)
}

/** Up to this a change is none. */
export function minChangeOf({ minChange = '10%' }: { readonly minChange?: string }): number {
  return shareOf('--min-change', minChange, 0.1)
}

/** The form that `--format` names. */
export function formatOf<Form extends { readonly name: string }>(
  format: string,
  forms: readonly Form[],
): Form {
  const form = forms.find(({ name }) => name === format)
  if (form !== undefined) return form
  const names = forms.map(({ name }) => name)
  const expected = `${didYouMean(format, names)}; expected ${names.join(', ')}`
  throw new RtbenchError('usage', `--format: unknown format ${format}${expected}`)
}
