import { serialiseResult } from '../result/store.ts'
import { inertJson } from './plain-text.ts'
import type { Reporter } from './reporter.ts'

/** The whole document, as it is stored; several as a list. */
export const json: Reporter = {
  name: 'json',
  extension: 'json',
  render: (result) => inertJson(serialiseResult(result)),
  renderAll: (results) => {
    const [first, ...others] = results.map(({ result }) => result)
    if (first !== undefined && others.length === 0) return inertJson(serialiseResult(first))
    const all = results.map(({ result }) => result)
    return `${inertJson(JSON.stringify(all, null, 2))}\n`
  },
}
