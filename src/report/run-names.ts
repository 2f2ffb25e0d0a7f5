import type { Run } from '../result/document.ts'

/** Names for files, one a run, none twice: `sse`, or `sse-2` with the repetition where there are more. */
export function runNames(runs: readonly Run[]): readonly string[] {
  const repeated = runs.some(({ repetition }) => repetition > 1)
  return runs.map(({ transport, point, repetition }) =>
    [
      transport.replace(/[^A-Za-z0-9._-]+/g, '-'),
      ...(point === undefined || point === null ? [] : [point]),
      ...(repeated ? [repetition] : []),
    ].join('-'),
  )
}
