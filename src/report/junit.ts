/**
 * JUnit's XML as CI systems read it (the schema of Jenkins' xunit plugin, `junit-10.xsd`): a suite
 * for each scenario, a case for each technique and thing asked.
 */
import type { Result } from '../result/document.ts'
import { type Check, checksOf } from './check.ts'
import { collective } from './reporter.ts'

/** A scenario's checks. */
export interface Suite {
  readonly name: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** All that it took; of a stored result its steady windows. */
  readonly durationMs: number
  /** Of the scenario; null where it is not known. */
  readonly file: string | null
  readonly checks: readonly Check[]
}

/** A stored result: its validity and its thresholds. */
export const junit = collective('junit', 'xml', (results) =>
  renderJunit(results.map(({ result }) => suiteOf(result, null, checksOf(result)))),
)

export function suiteOf(result: Result, file: string | null, checks: readonly Check[]): Suite {
  return {
    name: result.scenario.name,
    startedAt: result.environment.startedAt,
    durationMs: result.runs.reduce((sum, run) => sum + run.durationMs, 0),
    file,
    checks,
  }
}

/** Of an invocation that did not come to measure: one error, and why. */
export function failureJunit(startedAt: string, message: string): string {
  const check = { kind: 'validity', transport: 'all', name: 'rtbench ci' } as const
  const checks: readonly Check[] = [{ ...check, outcome: 'errored', verdict: 'failed', message }]
  return renderJunit([{ name: 'rtbench ci', startedAt, durationMs: 0, file: null, checks }])
}

/** One document, ending in a line end. */
export function renderJunit(suites: readonly Suite[]): string {
  const all = suites.flatMap(({ checks }) => checks)
  const time = suites.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const root = open('testsuites', { name: 'rtbench', ...countsOf(all), time: seconds(time) })
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', root, ...suites.flatMap(suiteLines)]
  return `${[...lines, '</testsuites>'].join('\n')}\n`
}

function suiteLines({ name, startedAt, durationMs, file, checks }: Suite): string[] {
  const attributes = {
    name,
    ...countsOf(checks),
    skipped: count(checks, 'skipped'),
    time: seconds(durationMs),
    // The schema has no fraction and no zone.
    timestamp: startedAt.slice(0, 19),
  }
  return [
    `  ${open('testsuite', attributes)}`,
    ...checks.flatMap((check) => caseLines(name, file, check)),
    '  </testsuite>',
  ]
}

const ELEMENTS = { failed: 'failure', errored: 'error', skipped: 'skipped' } as const

function caseLines(suite: string, file: string | null, check: Check): string[] {
  const { transport, name, outcome, verdict, message } = check
  const where = file === null ? {} : { file }
  const reason = outcome === 'skipped' ? { message } : { message, type: verdict }
  return [
    `    ${open('testcase', { classname: `${suite}.${transport}`, name, ...where })}`,
    outcome === 'passed'
      ? `      <system-out>${escaped(`${verdict}: ${message}`)}</system-out>`
      : `      ${open(ELEMENTS[outcome], reason).replace(/>$/, '/>')}`,
    '    </testcase>',
  ]
}

function countsOf(checks: readonly Check[]): Readonly<Record<string, number>> {
  return {
    tests: checks.length,
    failures: count(checks, 'failed'),
    errors: count(checks, 'errored'),
  }
}

function count(checks: readonly Check[], outcome: Check['outcome']): number {
  return checks.filter((check) => check.outcome === outcome).length
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

function open(element: string, attributes: Readonly<Record<string, string | number>>): string {
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${escaped(String(value))}"`,
  )
  return `<${element}${written.join('')}>`
}

/**
 * Text that XML 1.0 can carry: what it has no way to write (control characters, halves of surrogate
 * pairs, U+FFFE and U+FFFF: section 2.2) becomes a replacement character, and line ends spaces.
 */
function escaped(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(/[\t\r\n]+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // Two of them begin a command to a CI, wherever they stand.
      .replace(/#(?=#)/g, '&#35;')
  )
}
