import type { Run } from '../../result/document.ts'

/** Of a line whose figures show the instrument, not the technique. */
export interface Mark {
  readonly mark?: 'invalid'
}

/** The mark of a line that shows these runs: where one of them counts, it has none. */
export function markOf(runs: readonly Run[]): Mark {
  return runs.length > 0 && runs.every(isInvalid) ? { mark: 'invalid' } : {}
}

/** Those that count; where none does, all of them, for a line that is marked. */
export function countedRuns(runs: readonly Run[]): readonly Run[] {
  const counted = runs.filter((run) => !isInvalid(run))
  return counted.length > 0 ? counted : runs
}

function isInvalid({ validity }: Run): boolean {
  return validity.verdict === 'invalid'
}
