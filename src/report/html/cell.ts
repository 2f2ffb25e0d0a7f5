import { type Markup, markup } from '../markup.ts'

const FIGURE = /^(-?[\d.,]+(?:–[\d.,]+)?|[<>] [\d.]+)(?: (µs|ms|s|B|KiB|MiB|GiB|%))?$/

/**
 * A cell's text. A figure's number and its unit are set apart, so that numbers stand below each
 * other whatever their unit, and never on two lines; the text is the same.
 */
export function figureCell(text: string): Markup {
  const [, number, unit] = FIGURE.exec(text) ?? []
  if (number === undefined) return markup`${unbroken(text)}`
  return markup`<span class="figure-text"><span class="n">${number}</span><span class="u">${unit === undefined ? '' : `\u00a0${unit}`}</span></span>`
}

/**
 * A sentence in which no line breaks between a number and its unit, two bounds, or a percentile and its
 * figure.
 */
export function unbroken(text: string): string {
  return text
    .replace(/(?<=\d) (?=(?:µs|ms|s|B|KiB|MiB|GiB|%)(?!\p{L}))/gu, '\u00a0')
    .replace(/(?<=\bp[\d.]+) (?=\d)/g, '\u00a0')
    .replace(/(?<=\d)–(?=\d)/g, '\u2060–\u2060')
}
