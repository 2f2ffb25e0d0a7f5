/** From low to high, one column each. */
export const BLOCKS = '▁▂▃▄▅▆▇█'
/** For terminals on which a block is two columns wide, or none at all. */
export const ASCII_BLOCKS = '_.,:-=+#'

/**
 * Values as a row of characters, from zero to the greatest of them; a blank where there is none.
 * @param blocks characters from low to high
 */
export function sparkline(values: readonly (number | null)[], blocks: string): string {
  const greatest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
  return values
    .map((value) => {
      if (value === null) return ' '
      const share = greatest > 0 ? value / greatest : 0
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]
    })
    .join('')
}
