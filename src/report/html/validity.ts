import { reasonKind } from '../../measure/reason.ts'
import type { Run } from '../../result/document.ts'
import { type Markup, markup } from '../markup.ts'
import { formatCount, formatDuration, formatPercent, missing } from '../quantity.ts'
import { prose } from './prose.ts'
import { section } from './section.ts'
import type { Line, Subject } from './subject.ts'

/** The verdict of every run, with each reason, what was found and what the limit is. */
export function validity({ id, lines, result }: Subject): Markup | null {
  if (lines.length === 0) return null
  const repeated = result.runs.some(({ repetition }) => repetition > 1)
  const rows = lines.flatMap((line) => line.runs.flatMap((run) => rowsOf(line, run, repeated)))
  return section(
    `${id}-validity`,
    'Validity',
    markup`<div class="scroll" tabindex="0" role="region" aria-label="Validity of each run"><table class="plain"><caption><span>Whether the instrument kept its schedule, run by run</span></caption>
<thead><tr><th scope="col">Run</th><th scope="col">Verdict</th><th scope="col">Reason</th><th scope="col">Found</th><th scope="col">Limit</th></tr></thead>
<tbody>${rows}</tbody></table></div>`,
  )
}

const FORMATS = { time: formatDuration, share: formatPercent, count: formatCount }

function figure(code: string, value: number | null): string {
  return FORMATS[reasonKind(code).unit](value)
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
