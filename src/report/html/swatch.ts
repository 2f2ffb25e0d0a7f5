import { type Markup, markup } from '../markup.ts'

/** A piece of a line as the charts draw it, to stand beside its name. */
export function swatch(hue: number): Markup {
  return markup`<svg class="swatch" viewBox="0 0 26 8" width="26" height="8" aria-hidden="true"><path class="line h${hue}" d="M0 4H26"/></svg>`
}
