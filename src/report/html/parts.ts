import type { LineChart } from '../chart/line-chart.ts'
import { descriptionOf, lineChartSvg } from '../chart/line-chart-svg.ts'
import { dataScript, type Markup, markup } from '../markup.ts'

/** A section with its heading, for the page's outline. */
export function section(id: string, heading: string, content: Markup): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-h"><h3 id="${id}-h">${heading}</h3>
${content}
</section>
`
}

/** A table with a scroll bar where it is wider than the page; the label is that of the region that scrolls. */
export function dataTable({
  label,
  caption,
  style = 'plain',
  head,
  body,
}: {
  readonly label: string
  readonly caption: string
  readonly style?: string
  readonly head: readonly string[]
  readonly body: readonly Markup[]
}): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="${style}"><caption><span>${caption}</span></caption>
<thead><tr>${head.map((text) => markup`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>`
}

/** Facts as terms and their values. */
export function facts(pairs: readonly (readonly [term: string, value: string])[]): Markup {
  const items = pairs.map(([term, value]) => markup`<div><dt>${term}</dt><dd>${value}</dd></div>`)
  return markup`<dl class="facts">${items}</dl>`
}

/** Text as a page shows it: between backticks is code, and a flag is not broken after its hyphens. */
export function prose(text: string): Markup[] {
  return text
    .split(/(`[^`]+`|(?<![\w-])--[a-z][a-z-]*[a-z])/)
    .map((part, i) =>
      i % 2 === 0
        ? markup`${part}`
        : part.startsWith('`')
          ? markup`<code>${part.slice(1, -1)}</code>`
          : markup`<span class="flag">${part}</span>`,
    )
}

const FIGURE = /^(-?[\d.,]+(?:–[\d.,]+)?|[<>] [\d.]+)(?: (µs|ms|s|B|KiB|MiB|GiB|%))?$/

/** A cell's text. A number and its unit are set apart, so that numbers stand below each other, and on one line. */
export function figureCell(text: string): Markup {
  const [, number, unit] = FIGURE.exec(text) ?? []
  if (number === undefined) return markup`${unbroken(text)}`
  return markup`<span class="figure-text"><span class="n">${number}</span><span class="u">${unit === undefined ? '' : `\u00a0${unit}`}</span></span>`
}

/** A sentence in which no line breaks between a number and its unit, two bounds, or `p99` and its figure. */
export function unbroken(text: string): string {
  return text
    .replace(/(?<=\d) (?=(?:µs|ms|s|B|KiB|MiB|GiB|%)(?!\p{L}))/gu, '\u00a0')
    .replace(/(?<=\bp[\d.]+) (?=\d)/g, '\u00a0')
    .replace(/(?<=\d)–(?=\d)/g, '\u2060–\u2060')
}

/** A piece of a line as the charts draw it, to stand beside its name. */
export function swatch(hue: number): Markup {
  return markup`<svg class="swatch" viewBox="0 0 26 8" width="26" height="8" aria-hidden="true"><path class="line h${hue}" d="M0 4H26"/></svg>`
}

const SIZES = {
  wide: { width: 900, height: 400 },
  half: { width: 400, height: 230 },
} as const

/**
 * A chart: as a picture for a reader without script and for paper, and as data from which the
 * page's script draws one that answers.
 * @param group of the charts whose lines are shown and hidden together
 */
export function chartFigure(
  chart: LineChart,
  { id, group, size }: { id: string; group: string; size: keyof typeof SIZES },
): Markup {
  return markup`<figure class="figure ${size}" data-group="${group}" aria-labelledby="${id}-c">
<figcaption id="${id}-c">${chart.title}</figcaption>
<div class="static">${lineChartSvg(chart, { id, ...SIZES[size] })}</div>
<script type="application/json" class="data">${dataScript({ ...chart, description: descriptionOf(chart) })}</script>
</figure>
`
}

/** Names the lines of a group of charts; the script makes switches of them. */
export function legend(
  group: string,
  lines: readonly { readonly label: string; readonly hue: number; readonly mark?: string }[],
): Markup {
  const items = lines.map(
    ({ label, hue, mark }) =>
      markup`<li data-line="${label}">${swatch(hue)}<span>${label}</span>${mark === undefined ? null : markup` <small class="invalid">${mark}</small>`}</li>`,
  )
  return markup`<ul class="legend" data-group="${group}">${items}</ul>\n`
}
