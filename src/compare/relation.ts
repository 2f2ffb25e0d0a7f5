/** How two figures stand to each other, of which it is known only where they lie. */

/** Where a figure lies; null where nothing bounds it from above. */
export interface Lies {
  readonly low: number
  readonly high: number | null
}

/**
 * `less` and `more` of the first where the two do not meet; `equivalent` where they differ by no more than
 * matters wherever each of them lies; else nobody can tell.
 */
export type Relation = 'less' | 'more' | 'equivalent' | 'untold'

/** @param matters the least difference for which anybody would choose otherwise */
export function relationOf(one: Lies, other: Lies, matters: number): Relation {
  const [least, most] = differenceOf(one, other)
  if (least >= -matters && most <= matters) return 'equivalent'
  if (least > 0) return 'less'
  return most < 0 ? 'more' : 'untold'
}

/** By how much the second is more than the first: the least and the most. */
export function differenceOf(one: Lies, other: Lies): readonly [least: number, most: number] {
  return [other.low - upper(one), upper(other) - one.low]
}

function upper({ high }: Lies): number {
  return high ?? Number.POSITIVE_INFINITY
}
