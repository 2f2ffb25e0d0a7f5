import { reasonKind } from '../../measure/reason.ts'
import type { RecordedScenario, Result, Run } from '../../result/document.ts'
import { entryOf, type ScenarioKey } from '../../scenario/keys.ts'
import { RESOLVED } from '../../scenario/scenario.ts'
import { withoutSecrets } from '../../scenario/secret.ts'
import type { Line } from '../chart/run-charts.ts'
import { commandOf } from '../command.ts'
import { environmentOf } from '../headline.ts'
import { type Markup, markup } from '../markup.ts'
import { formatAmount, formatBytes, formatCount, missing } from '../quantity.ts'
import { dataTable, facts, prose, section } from './parts.ts'
import type { Subject } from './subject.ts'

/** The verdict of every run, with each reason, what was found and what the limit is. */
export function validity({ id, lines, result }: Subject): Markup | null {
  if (lines.length === 0) return null
  const repeated = result.runs.some(({ repetition }) => repetition > 1)
  const rows = lines.flatMap((line) => line.runs.flatMap((run) => rowsOf(line, run, repeated)))
  return section(
    `${id}-validity`,
    'Validity',
    dataTable({
      label: 'Validity of each run',
      caption: 'Whether the instrument kept its schedule, run by run',
      head: ['Run', 'Verdict', 'Reason', 'Found', 'Limit'],
      body: rows,
    }),
  )
}

function figure(code: string, value: number | null): string {
  const { unit } = reasonKind(code)
  return formatAmount(unit === 'share' ? 'ratio' : unit, value)
}

function rowsOf({ label }: Line, run: Run, repeated: boolean): Markup[] {
  const name = repeated ? `${label}, repetition ${run.repetition}` : label
  const { verdict, reasons } = run.validity
  if (reasons.length === 0) {
    return [
      markup`<tr><th scope="row">${name}</th><td class="${verdict}">${verdict}</td><td>${verdict === 'valid' ? 'every check was kept' : 'no reason was recorded'}</td><td>${missing}</td><td>${missing}</td></tr>\n`,
    ]
  }
  return reasons.map(
    ({ severity, message, code, value, limit }) =>
      markup`<tr><th scope="row">${name}</th><td class="${severity}">${severity}</td><td class="reason"><code>${code}</code> ${prose(message)}</td><td class="n">${figure(code, value)}</td><td class="n">${figure(code, limit)}</td></tr>\n`,
  )
}

/** Errors of clients and connections by cause, over all repetitions. */
export function errors({ id, lines }: Subject): Markup | null {
  const rows = lines.flatMap(({ label, runs }) => {
    const counts = new Map<string, number>()
    for (const run of runs) {
      for (const [cause, count] of Object.entries(run.errors)) {
        counts.set(cause, (counts.get(cause) ?? 0) + count)
      }
    }
    return [...counts]
      .sort(([, one], [, other]) => other - one)
      .map(
        ([cause, count]) =>
          markup`<tr><th scope="row">${label}</th><td><code>${cause}</code></td><td>${formatCount(count)}</td></tr>\n`,
      )
  })
  const content =
    rows.length === 0
      ? markup`<p>No client and no connection failed.</p>`
      : dataTable({
          label: 'Errors by cause',
          caption: 'Failures of clients and connections by cause, of all repetitions',
          head: ['Technique', 'Cause', 'Count'],
          body: rows,
        })
  return lines.length === 0 ? null : section(`${id}-errors`, 'Errors', content)
}

/** The machine on which it was measured. */
export function environment({ id, result }: Subject): Markup {
  return section(`${id}-environment`, 'Environment', facts(environmentOf(result)))
}

/** What was asked for, with every default. */
export function scenario({ id, result }: Subject): Markup {
  return section(`${id}-scenario`, 'Scenario', facts(scenarioOf(result)))
}

/** The command that measures it again. */
export function reproduce({ id, result }: Subject): Markup {
  return section(
    `${id}-reproduce`,
    'Reproduce',
    markup`<pre tabindex="0" aria-label="The command that measures it again"><code>${prose(commandOf(result))}</code></pre>`,
  )
}

function scenarioOf({ scenario }: Result): [string, string][] {
  return RESOLVED.flatMap(([key, name]) => {
    const { label } = entryOf(key)
    const value = scenario[name]
    if (label === undefined || value === undefined) return []
    const text = shown(key, value)
    return text === '' ? [] : [[label, text]]
  })
}

function shown(key: ScenarioKey, value: RecordedScenario[keyof RecordedScenario]): string {
  const { unit, shownAs } = entryOf(key)
  const text = Array.isArray(value) ? value.join(', ') : withoutSecrets(String(value))
  const word = shownAs?.[text]
  if (word !== undefined || typeof value !== 'number' || unit === undefined) return word ?? text
  if (unit === 'ms') return formatAmount('milliseconds', value)
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'messages/s') return `${formatCount(value)} messages/s`
  return unit === 'events/s' ? `${formatCount(value)} events/s a channel` : formatCount(value)
}
