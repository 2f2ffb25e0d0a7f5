/** Counts by cause: `http-404`, `ECONNREFUSED`. */
type Causes = Readonly<Record<string, number>>

/** ` (http-404 87, timeout 2)`: the most frequent ones; nothing where none was recorded. */
export function mostFrequent(causes: Causes): string {
  const told = descending(causes)
    .slice(0, 2)
    .map(([cause, count]) => `${cause} ${count}`)
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}

/** Of publishes the last two: what the body said, or did not say. */
const ANSWERS =
  /^(?:http-4(?!29)\d\d|content-encoding-.+|sse-media-type|ws-(?:compressed|refused)|refused|unconfirmed)$/

/** Mostly the server is there and says no: neither load nor patience changes that. */
export function isAnswered(causes: Causes): boolean {
  const [most] = descending(causes)
  return most !== undefined && ANSWERS.test(most[0])
}

function descending(causes: Causes): readonly (readonly [cause: string, count: number])[] {
  return Object.entries(causes).sort(([, one], [, other]) => other - one)
}
