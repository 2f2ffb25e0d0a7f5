import { csv } from './csv.ts'
import { hgrm } from './hgrm.ts'
import { hlog } from './hlog.ts'
import { html } from './html.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import { prometheus } from './prometheus.ts'
import type { Reporter } from './reporter.ts'
import { table } from './table.ts'

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
