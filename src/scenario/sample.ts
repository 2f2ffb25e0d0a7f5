import { stringify } from 'yaml'
import { KEY_GROUPS, KEY_NOTES, TOLD_KEYS, usualOf } from './key-note.ts'
import type { ScenarioKey } from './keys.ts'

/** The keys that whoever begins will change first; the others are there to be uncommented. */
const BEGUN: ReadonlySet<ScenarioKey> = new Set([
  'transport',
  'clients',
  'channels',
  'rate',
  'duration',
])

/** What every server should keep, so that a gate over the file judges something. */
export const BEGUN_THRESHOLDS: readonly string[] = ['lost==0', 'duplicates==0', 'outOfOrder==0']

/**
 * A scenario file that has every key with its meaning. As it is, it says no more than the defaults
 * and asks for those thresholds; a line that begins with `#` and no blank is a key to be uncommented.
 *
 * @param schema path of the JSON Schema, from the file's folder
 */
export function sampleScenario(schema: string, command: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# A scenario of rtbench: what is measured. Every key is here. Those that are not commented out have
# their defaults, but for the thresholds; take the # away from another to set it.
#
#     ${command}
${KEY_GROUPS.map(section).join('')}`
}

function section(group: string): string {
  const keys = TOLD_KEYS.filter((key) => KEY_NOTES[key].group === group)
  return `\n# --- ${group} ---\n${keys.map((key) => `\n${paragraph(key)}`).join('')}`
}

function paragraph(key: ScenarioKey): string {
  const { meaning, usual, examples } = KEY_NOTES[key]
  const isThreshold = key === 'threshold'
  const value = isThreshold ? BEGUN_THRESHOLDS : (usual ?? examples[0])
  const text = stringify({ [key]: value }, { lineWidth: 0 })
  const isBegun = isThreshold || BEGUN.has(key)
  const lines = isBegun ? text : text.replace(/^/gm, '#').replace(/#$/, '')
  const told = usual === null ? `${meaning} (default: ${usualOf(key)})` : meaning
  return `# ${told}\n${lines}`
}
