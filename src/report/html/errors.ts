import { type Markup, markup } from '../markup.ts'
import { formatCount } from '../quantity.ts'
import { section } from './section.ts'
import type { Subject } from './subject.ts'

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
      : markup`<div class="scroll" tabindex="0" role="region" aria-label="Errors by cause"><table class="plain"><caption><span>Failures of clients and connections by cause, of all repetitions</span></caption>
<thead><tr><th scope="col">Technique</th><th scope="col">Cause</th><th scope="col">Count</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
  return lines.length === 0 ? null : section(`${id}-errors`, 'Errors', content)
}
