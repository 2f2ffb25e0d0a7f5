import { type Markup, markup } from '../markup.ts'
import { missing } from '../quantity.ts'
import { prose } from './parts.ts'
import type { Subject } from './subject.ts'

/** What every row of the comparisons means, once for the whole page. */
export function definitions(subjects: readonly Subject[]): Markup {
  const known = new Map<string, string>()
  for (const { view } of subjects) {
    for (const { label, definition } of view.comparison.rows) known.set(label, definition)
  }
  const items = [...known].map(
    ([label, definition]) => markup`<div><dt>${label}</dt><dd>${prose(definition)}</dd></div>`,
  )
  return markup`<section class="definitions" id="definitions" aria-labelledby="definitions-h"><h2 id="definitions-h">Definitions</h2>
<dl>${items}</dl>
<p class="note">A figure that was not measured, or that a technique does not have, is shown as ${missing}.</p>
</section>
`
}
