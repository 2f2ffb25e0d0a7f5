import { serialiseResult } from '../result/store.ts'
import type { Reporter } from './reporter.ts'

/** The whole document, as it is stored; several as a list. */
export const json: Reporter = {
  name: 'json',
  extension: 'json',
  render: serialiseResult,
  renderAll: (results) => {
    const [first, ...others] = results.map(({ result }) => result)
    if (first !== undefined && others.length === 0) return serialiseResult(first)
    return `${JSON.stringify(
      results.map(({ result }) => result),
      null,
      2,
    )}\n`
  },
}
