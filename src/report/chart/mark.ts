import type { Run } from '../../result/document.ts'

/** Of a line whose figures show the instrument, not the technique. */
export interface Mark {
  readonly mark?: 'invalid'
}

/** The mark of a line that shows these runs: where one of them counts, it has none. */
export function markOf(runs: readonly Run[]): Mark {
  return runs.length > 0 && runs.every(({ validity }) => validity.verdict === 'invalid')
    ? { mark: 'invalid' }
    : {}
}
