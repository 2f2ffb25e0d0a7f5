/** A seeded source of numbers on [0, 1). */
export type Random = () => number

/**
 * The sfc32 generator (C. Doty-Humphrey, PractRand). Each stream of a seed is a sequence of its own, so
 * that the schedule does not change when another part of a run draws a number more.
 */
export function seededRandom(seed: number, stream: number): Random {
  let a = seed | 0
  let b = stream | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  // The first outputs still show the seed.
  for (let round = 0; round < 12; round++) next()
  return next
}

/** Shuffles in place (Fisher–Yates). */
export function shuffle(items: Uint32Array, random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const held = items[last] as number
    items[last] = items[other] as number
    items[other] = held
  }
}
