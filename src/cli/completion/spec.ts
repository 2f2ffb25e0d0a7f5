import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { SCENARIO_BOUNDS } from '../../experiment/scenario-sources.ts'
import { reporters } from '../../report/reporters.ts'
import { scenarioJsonSchema } from '../../scenario/json-schema.ts'
import { flagOf } from '../../scenario/keys.ts'

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

/** What arguments are called, and what can stand there; any file elsewhere. */
const ARGUMENTS: Readonly<Record<string, Values>> = {
  scenario: SCENARIOS,
  scenarios: SCENARIOS,
  files: SCENARIOS,
  file: { kind: 'files', endings: ['.json'] },
  folder: { kind: 'folders' },
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
        .map(({ long, description, required, optional, parseArg }) => ({
          flag: long ?? '',
          description,
          values: required || optional ? (words.get(long ?? '') ?? FREE) : null,
          isRepeatable: parseArg !== undefined,
        })),
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
          ? (ARGUMENTS[argument.name()] ?? { kind: 'files', endings: [] })
          : { kind: 'words', words: choices, isList: false },
  }
}

/** What flags take, by flag: the words of a scenario's schema, and of some other flags. */
function flagWords(): ReadonlyMap<string, Values> {
  const { properties } = scenarioJsonSchema(SCENARIO_BOUNDS)
  const words = new Map<string, Values>([
    ['--format', { kind: 'words', words: reporters.map(({ name }) => name), isList: false }],
    ['--search', { kind: 'words', words: ['clients', 'rate'], isList: false }],
    ['--out', { kind: 'folders' }],
  ])
  for (const [key, shape] of Object.entries(properties as Record<string, Shape>)) {
    const offered = [shape, ...(shape.anyOf ?? [])].find((one) => one.enum !== undefined)?.enum
    const isList = shape.anyOf?.some(({ type }) => type === 'array') ?? false
    if (offered !== undefined) words.set(flagOf(key), { kind: 'words', words: offered, isList })
  }
  return words
}

/** As much of a JSON Schema as is asked here. */
interface Shape {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Shape[]
}
