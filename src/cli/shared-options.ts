import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { entryOf, flagOf, type ScenarioKey, TOLD_KEYS, usualOf } from '../scenario/keys.ts'
import { collect } from './collect.ts'

/**
 * Adds the flag of every key of a scenario, under the headings of its notes.
 * @param own keys that the command has flags of its own for
 */
export function addScenarioOptions(
  command: CommandUnknownOpts,
  own: readonly ScenarioKey[] = [],
): void {
  for (const key of TOLD_KEYS) {
    const { argument, group } = entryOf(key)
    if (argument === undefined || own.includes(key)) continue
    const option = new Option(`${flagOf(key)} <${argument}>`, helpOf(key)).helpGroup(`${group}:`)
    command.addOption(key === 'threshold' ? option.argParser(collect) : option)
  }
  command.addOption(TARGET_OPTION)
}

/** A key's line of help, with what is usual. */
function helpOf(key: ScenarioKey): string {
  const { meaning, usual } = entryOf(key)
  return usual === undefined && key !== 'seed' ? meaning : `${meaning} (default: ${usualOf(key)})`
}

/** Where what is measured comes from and goes to. */
export function addMeasurementOptions(command: CommandUnknownOpts): void {
  for (const [flags, description] of MEASUREMENT_OPTIONS) command.option(flags, description)
}

const MEASUREMENT_OPTIONS = [
  ['--token <token>', 'token of the server at --url (or RTBENCH_TOKEN)'],
  ['--allow-remote', 'let --url name another machine'],
  ['--json', 'print the result document, and nothing else, on stdout'],
  ['--out <folder>', 'where to save JSON, Markdown and SVG (or RTBENCH_OUT; default: results)'],
  ['--html', 'save a page for browsers, too'],
  ['--no-save', 'save nothing'],
  ['--quiet', 'no progress'],
  ['--print-config', 'print the scenario with the source of each value; measure nothing'],
  ['--verbose', 'show stack traces'],
] as const

/** So that whoever tries it learns where it belongs. */
const TARGET_OPTION = new Option('--target <description>', 'in a scenario file only').hideHelp()
