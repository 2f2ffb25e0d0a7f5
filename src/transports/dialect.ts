import type { Target } from './client-side.ts'

/**
 * What the server at a target speaks over one transport, as its clients need it on the hot path.
 * All clients of a process share one, which is why a client keeps it and nothing else of the target.
 */
export interface Dialect {
  readonly target: Target
}

/** Makes a dialect once for each target. */
export function perTarget<D extends Dialect>(make: (target: Target) => D): (target: Target) => D {
  const made = new WeakMap<Target, D>()
  return (target) => {
    const known = made.get(target)
    if (known !== undefined) return known
    const dialect = make(target)
    made.set(target, dialect)
    return dialect
  }
}
