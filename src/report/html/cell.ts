import { type Markup, markup } from '../markup.ts'

const FIGURE = /^(-?[\d.,]+|[<>] [\d.]+)(?: (µs|ms|s|B|KiB|MiB|GiB|%))?$/

/**
 * A cell's text. A figure's number and its unit are set apart, so that numbers stand below each
 * other whatever their unit; the text is the same.
 */
export function figureCell(text: string): Markup {
  const [, number, unit] = FIGURE.exec(text) ?? []
  if (number === undefined)
    return markup`${text.replace(/(?<=\d) (?=(?:µs|ms|s|B|KiB|MiB|GiB|%)(?!\p{L}))/gu, '\u00a0')}`
  return markup`<span class="n">${number}</span><span class="u">${unit === undefined ? '' : `\u00a0${unit}`}</span>`
}
