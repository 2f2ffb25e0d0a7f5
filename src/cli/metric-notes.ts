import { METRICS } from '../scenario/threshold.ts'

/** What a condition may name, for the help of commands that take conditions. */
export const METRIC_NOTES = `compared by <, <=, >, >= or ==, a unit with each time:
${columns(METRICS)},
  and any other figure of a run by its path, such as server.rssBytesPerClient<=64KiB`

/** Words in lines of less than 100 characters. */
function columns(words: readonly string[]): string {
  return words
    .join(', ')
    .replace(/(.{1,90})(?: |$)/g, '  $1\n')
    .trimEnd()
}
