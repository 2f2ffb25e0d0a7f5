import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { SCENARIO_BOUNDS } from '../../experiment/plan.ts'
import { comparisonReporters } from '../../report/comparison-reporters.ts'
import { GLOSSARY } from '../../report/glossary.ts'
import { reporters } from '../../report/reporters.ts'
import { BROWSERS, PROXIES, TRAFFIC } from '../../result/advice.ts'
import { flagOf } from '../../scenario/keys.ts'
import { scenarioJsonSchema } from '../../scenario/schema.ts'
import { busTaxForms } from '../../tax/report.ts'
import { transports } from '../../transports/registry.ts'
import { isRepeatable } from '../flags.ts'

/** What can stand in a place of the command line. */
export type Values =
  /** Nothing that anybody could guess: a number, a name. */
  | { readonly kind: 'free' }
  /** Some words; with commas between several of them where it is a list. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly isList: boolean }
  /** Files with one of these endings; any where there is none. */
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'folders' }

export interface OptionSpec {
  /** `--clients` */
  readonly flag: string
  readonly description: string
  /** Null where it takes none. */
  readonly values: Values | null
  readonly isRepeatable: boolean
}

export interface CommandSpec {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionSpec[]
  /** Of the arguments that are no options; null where there are none. */
  readonly values: Values | null
}

const SCENARIOS: Values = { kind: 'files', endings: ['.yaml', '.yml', '.json'] }
const FREE: Values = { kind: 'free' }
const ANY_FILE: Values = { kind: 'files', endings: [] }

/** Of those that `explain` knows the ones of a single word. */
const TERMS = GLOSSARY.map(({ name }) => name.replace(/^--/, '')).filter((name) => !/\s/.test(name))

/** What arguments are called, and what can stand there; any file elsewhere. */
const ARGUMENTS: Readonly<Record<string, Values>> = {
  scenario: SCENARIOS,
  scenarios: SCENARIOS,
  files: SCENARIOS,
  file: { kind: 'files', endings: ['.json'] },
  folder: { kind: 'folders' },
  term: { kind: 'words', words: TERMS, isList: false },
}

/** What stands in the place of an option's value, by what it is called. */
const PLACES: Readonly<Record<string, Values>> = {
  folder: { kind: 'folders' },
  file: ANY_FILE,
  path: ANY_FILE,
}

/** Reads the commands that there are, so that no completion can be forgotten or out of date. */
export function completionSpec(program: CommandUnknownOpts): readonly CommandSpec[] {
  const words = flagWords()
  const commands = program.commands.map((command) => commandSpec(command, words))
  const names = commands.map(({ name }) => name)
  return [
    ...commands,
    {
      name: 'help',
      description: 'display help for command',
      options: [],
      values: { kind: 'words', words: names, isList: false },
    },
  ]
}

function commandSpec(command: CommandUnknownOpts, words: ReadonlyMap<string, Values>): CommandSpec {
  const [argument] = command.registeredArguments
  const choices = argument?.argChoices
  return {
    name: command.name(),
    description: command.summary() || command.description(),
    options: [
      ...command.options
        .filter(({ hidden, long }) => !hidden && typeof long === 'string')
        .map((option) => {
          const { long, flags, description, required, optional } = option
          const takesValue = required || optional
          return {
            flag: long ?? '',
            description,
            values: takesValue ? valuesOf(command.name(), long ?? '', flags, words) : null,
            isRepeatable: isRepeatable(option),
          }
        }),
      {
        flag: '--help',
        description: 'display help for command',
        values: null,
        isRepeatable: false,
      },
    ],
    values:
      argument === undefined
        ? null
        : choices === undefined
          ? (ARGUMENTS[argument.name()] ?? ANY_FILE)
          : { kind: 'words', words: choices, isList: false },
  }
}

/** What an option takes: by its command and flag, by its flag alone, or by what its value is called. */
function valuesOf(
  command: string,
  flag: string,
  flags: string,
  words: ReadonlyMap<string, Values>,
): Values {
  const named = PLACES[/<(.*)>/.exec(flags)?.[1] ?? ''] ?? FREE
  return words.get(`${command} ${flag}`) ?? words.get(flag) ?? named
}

/** What flags take, by flag, or by command and flag where commands differ: the words of a scenario's schema, and of some other flags. */
function flagWords(): ReadonlyMap<string, Values> {
  const { properties } = scenarioJsonSchema(SCENARIO_BOUNDS)
  const words = new Map<string, Values>([
    ['report --format', oneOf(reporters.map(({ name }) => name))],
    ['compare --format', oneOf(comparisonReporters.map(({ name }) => name))],
    ['bus --format', oneOf(busTaxForms.map(({ name }) => name))],
    ['bus --transport', oneOf(transports.map(({ name }) => name))],
    ['bus --bus-routing', { kind: 'words', words: ['broadcast', 'by-channel'], isList: true }],
    ['capacity --transport', oneOf(transports.map(({ name }) => name))],
    ['capacity --search', oneOf(['clients', 'rate'])],
    ['ci --only', oneOf(['deterministic'])],
    ['advise --client-to-server', oneOf(TRAFFIC)],
    ['advise --proxies', { kind: 'words', words: ['none', ...PROXIES], isList: true }],
    ['advise --browsers', oneOf(BROWSERS)],
  ])
  for (const [key, shape] of Object.entries(properties as Record<string, Shape>)) {
    const offered = [shape, ...(shape.anyOf ?? [])].find((one) => one.enum !== undefined)?.enum
    const isList = shape.anyOf?.some(({ type }) => type === 'array') ?? false
    if (offered !== undefined) words.set(flagOf(key), { kind: 'words', words: offered, isList })
  }
  return words
}

function oneOf(words: readonly string[]): Values {
  return { kind: 'words', words, isList: false }
}

/** As much of a JSON Schema as is asked here. */
interface Shape {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Shape[]
}
