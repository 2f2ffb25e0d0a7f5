import { LEVEL } from '../compare/statistical.ts'

/**
 * Looks at what was measured by then, at shares of the time that there is. Who looks often errs often, so that each look has a part of
 * the chance of an error, and all of them together no more than that (C. E. Bonferroni's inequality, as group-sequential
 * designs use it: C. Jennison, B. W. Turnbull, Group Sequential Methods, 2000, chapter 7). The looks follow the clock and
 * not the figures, and the last has the most, since what is hard to tell is told there.
 */
const EARLY: readonly { readonly share: number; readonly level: number }[] = [
  { share: 0.25, level: 0.003 },
  { share: 0.45, level: 0.004 },
  { share: 0.7, level: 0.006 },
]

/** The looks of a gate, each with its chance of an error. */
export class Looks {
  readonly #early = [...EARLY]
  #left = LEVEL

  /** The level of the look that is due at a share of the time; null where there is none. */
  due(share: number): number | null {
    let level: number | null = null
    while (this.#early[0] !== undefined && this.#early[0].share <= share) {
      // What two would have that fall together, the one has.
      level = (level ?? 0) + this.#early[0].level
      this.#early.shift()
    }
    if (level !== null) this.#left -= level
    return level
  }

  /** The level of a look after which there is none: all that is left. */
  last(): number {
    return this.#left
  }
}
