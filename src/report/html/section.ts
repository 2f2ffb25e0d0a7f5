import { type Markup, markup } from '../markup.ts'

/** A section with its heading, for the page's outline. */
export function section(id: string, heading: string, content: Markup): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-h"><h3 id="${id}-h">${heading}</h3>
${content}
</section>
`
}

/** Facts as terms and their values. */
export function facts(pairs: readonly (readonly [term: string, value: string])[]): Markup {
  const items = pairs.map(([term, value]) => markup`<div><dt>${term}</dt><dd>${value}</dd></div>`)
  return markup`<dl class="facts">${items}</dl>`
}
