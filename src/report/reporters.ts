import { serialiseResult } from '../result/store.ts'
import { csv } from './csv.ts'
import { hgrm, hlog } from './histogram-exports.ts'
import { html } from './html/page.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import { inertJson } from './plain-text.ts'
import { prometheus } from './prometheus.ts'
import { collective, type Reporter } from './reporter.ts'
import { table } from './table.ts'

/** The whole document, as it is stored; several as a list. */
export const json = collective('json', 'json', (results) => {
  const all = results.map(({ result }) => result)
  const [first, ...others] = all
  return first !== undefined && others.length === 0
    ? inertJson(serialiseResult(first))
    : `${inertJson(JSON.stringify(all, null, 2))}\n`
})

/** All forms of a report. A new one is a file and a line here. */
export const reporters: readonly Reporter[] = [
  table,
  markdown,
  json,
  html,
  junit,
  csv,
  prometheus,
  hgrm,
  hlog,
]
