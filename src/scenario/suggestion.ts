/** Longer words than this are not misspelt, they are something else. */
const LONGEST_WORD = 64

/**
 * The candidate that a misspelt word most likely meant, or null when none is near. Case, hyphens
 * and underscores do not count; otherwise about one slip in three letters is forgiven.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (word.length > LONGEST_WORD) return null
  const wanted = bare(word)
  let nearest: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const known = bare(candidate)
    const slips = distance(wanted, known)
    const forgiven = Math.max(1, Math.floor(Math.max(wanted.length, known.length) / 3))
    if (slips <= forgiven && slips < known.length && slips < least) {
      nearest = candidate
      least = slips
    }
  }
  return nearest
}

/** `, did you mean x?` or nothing, made to follow what is wrong. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ''): string {
  const suggestion = suggest(word, candidates)
  return suggestion === null ? '' : `, did you mean ${prefix}${suggestion}?`
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
