import { type Markup, markup } from '../markup.ts'

/**
 * Text as a page shows it: what stands between backticks is code, and a flag is not broken after its
 * hyphens.
 */
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
