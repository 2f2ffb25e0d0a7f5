import type { Result } from '../../result/document.ts'
import { subtitleOf, titleOf, validityOf } from '../headline.ts'
import { type Markup, markup } from '../markup.ts'
import { type Warning, warningsOf } from '../warning.ts'
import { prose } from './parts.ts'
import type { Subject } from './subject.ts'

/** More of them would push the picture off the first screen; the chapter on validity has them all. */
const MOST_WARNINGS = 5
const OPEN_WARNINGS = 3

/** What was measured, and whether all of it may be believed. */
export function head({ result, id, name }: Subject): Markup {
  const { description } = result.scenario
  const facts = `${titleOf(result)} · ${subtitleOf(result)}`.split(' · ')
  return markup`<header class="head">
<h2 id="${id}-h">${name}</h2>
${description === '' ? null : markup`<p class="description">${description}</p>`}
<ul class="chips">${facts.filter((fact) => fact !== result.scenario.name).map((fact) => markup`<li>${fact}</li>`)}</ul>
${result.runs.length > 0 ? badge(result) : null}
</header>
`
}

const SIGNS = { valid: '✓', suspect: '!', invalid: '×' } as const

/** By the gravest verdict of a run. */
function badge(result: Result): Markup {
  const verdicts = result.runs.map(({ validity }) => validity.verdict)
  const gravest = (['invalid', 'suspect'] as const).find((one) => verdicts.includes(one)) ?? 'valid'
  return markup`<p class="badge ${gravest}"><span aria-hidden="true">${SIGNS[gravest]}</span> ${validityOf(result)}</p>`
}

/** Why not all of it may be taken at face value, the gravest first. */
export function warnings({ result }: Subject): Markup | null {
  const told = warningsOf(result)
  if (told.length === 0) return null
  if (told.length <= MOST_WARNINGS) return list(told)
  const reasons = told.filter(({ isAdvice }) => !isAdvice)
  const advice = told.filter(({ isAdvice }) => isAdvice)
  const rest = reasons.slice(OPEN_WARNINGS)
  // The list stands after what unfolds it, not within: so paper can show what nobody unfolded.
  return markup`${list([...reasons.slice(0, OPEN_WARNINGS), ...advice])}<details class="more"><summary>${rest.length} more</summary></details>${list(rest)}`
}

function list(warnings: readonly Warning[]): Markup {
  const items = warnings.map(
    ({ severity, text }) => markup`<li class="${severity}">${prose(text)}</li>`,
  )
  return markup`<ul class="warnings">${items}</ul>`
}
