import { isDeepStrictEqual } from 'node:util'
import { RtbenchError } from '../error.ts'
import type { Environment, RecordedScenario, Result } from '../result/document.ts'
import { describedWithoutSecrets, withoutSecrets } from '../scenario/secret.ts'
import { writeBytes, writeDuration } from '../scenario/units.ts'

/** What may differ between scenarios that ask for the same: names, and how much of it. */
const FREE = new Set<string>([
  'name',
  'description',
  'transports',
  'repeat',
  'thresholds',
  'seed',
  'url',
  'ca',
  'insecure',
  'clientCert',
  'clientKey',
  'serverName',
] satisfies (keyof RecordedScenario)[])

/**
 * Sees that all results are of one scenario and one kind.
 * @param across names of a scenario's values that may differ, since just that is to be compared
 * @throws RtbenchError `usage` that names what differs
 */
export function assertSameScenario(
  results: readonly Result[],
  across: readonly string[] = [],
): void {
  const [first] = results
  if (first === undefined) throw refusal('there is no result to compare')
  for (const result of results) {
    if (result.capacity !== undefined) {
      throw refusal(
        `the result ${result.scenario.name} is of rtbench capacity, which measures other loads each time; expected results of rtbench run`,
      )
    }
    if (result.sweep?.key !== first.sweep?.key) {
      throw refusal(
        `the sweeps differ: ${first.sweep?.key ?? 'none'} and ${result.sweep?.key ?? 'none'}; sweep the same key on both sides`,
      )
    }
    if (result.schemaVersion !== first.schemaVersion) {
      throw refusal(
        `the schema versions differ: ${first.schemaVersion} and ${result.schemaVersion}`,
      )
    }
    const differences = differencesOf(first.scenario, result.scenario, across)
    if (differences.length > 0) {
      const shown = differences.slice(0, 3).join('; ')
      const more = differences.length > 3 ? ` and ${differences.length - 3} more` : ''
      throw refusal(
        `the scenarios differ: ${shown}${more}; measure both sides by the same scenario`,
      )
    }
  }
}

/** `clients 1000 and 500`, `hold 10s and 8s`, for every key whose values are not the same thing. */
function differencesOf(
  one: RecordedScenario,
  other: RecordedScenario,
  across: readonly string[],
): readonly string[] {
  // Whatever version stored them: another secret is no other scenario.
  const ours: Readonly<Record<string, unknown>> = describedWithoutSecrets(one)
  const theirs: Readonly<Record<string, unknown>> = describedWithoutSecrets(other)
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
  const differences = keys
    .filter((key) => !FREE.has(key) && !across.includes(key))
    .filter((key) => !isDeepStrictEqual(ours[key] ?? null, theirs[key] ?? null))
    .map((key) => `${wordOf(key)} ${shown(ours[key], key)} and ${shown(theirs[key], key)}`)
  // Another address may be the same server; an own server and somebody else's are two set-ups.
  const ownServer = one.url === null
  if (ownServer !== (other.url === null) && !across.includes('url')) {
    differences.push(`url ${shown(ours['url'])} and ${shown(theirs['url'])}`)
  }
  return differences
}

/** As in a scenario file: without the unit. */
function wordOf(key: string): string {
  return key.replace(/(?:Ms|Bytes)$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function shown(value: unknown, key = ''): string {
  if (typeof value === 'number' && key.endsWith('Ms')) return writeDuration(value)
  if (typeof value === 'number' && key.endsWith('Bytes')) return writeBytes(value)
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')
  return text === 'null' ? 'none' : text.length > 40 ? `${text.slice(0, 39)}…` : text
}

function refusal(problem: string): RtbenchError {
  return new RtbenchError('usage', problem)
}

/** Another value of one of these is another machine: its times and sizes are not comparable. */
const MACHINE = ['platform', 'cpuModel', 'cores', 'memoryBytes'] as const
/** The same machine does not tell the same memory after each start of its kernel. */
const MEMORY_SLACK = 0.05
/** What moves figures as well, and may be just what is to be compared. */
const SOFTWARE = ['node', 'kernel'] as const

/** What sets the machines of results apart. */
export interface Mismatch {
  /** `cores 2 and 4`; empty where all come from one machine. */
  readonly machine: readonly string[]
  /** Differences that are no obstacle: one line each. */
  readonly warnings: readonly string[]
}

/** Compares the environment of every result with the first one's. */
export function mismatchOf(results: readonly Result[]): Mismatch {
  const environments = results.map(({ environment }) => environment)
  const software = SOFTWARE.flatMap((field) => differenceIn(field, environments))
  const versions = distinct(results.map(({ tool }) => tool.version))
  if (versions.length > 1) software.push(`rtbench ${versions.join(' and ')}`)
  const addresses = distinct(results.map(({ scenario }) => withoutSecrets(scenario.url ?? '')))
  return {
    machine: MACHINE.flatMap((field) => differenceIn(field, environments)),
    warnings: [
      ...software.map((difference) => `not the same software: ${difference}`),
      ...(addresses.length > 1 ? [`not the same server: ${addresses.join(' and ')}`] : []),
    ],
  }
}

function differenceIn(
  field: (typeof MACHINE)[number] | (typeof SOFTWARE)[number],
  environments: readonly Environment[],
): string[] {
  const values = distinct(environments.map((environment) => environment[field]))
  if (field === 'memoryBytes') {
    const sizes = values.map(Number)
    if (Math.max(...sizes) <= Math.min(...sizes) * (1 + MEMORY_SLACK)) return []
  }
  return values.length > 1 ? [`${field} ${values.join(' and ')}`] : []
}

function distinct<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)]
}
