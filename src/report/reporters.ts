import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { Reporter } from './reporter.ts'
import { table } from './table.ts'

/** All forms of a report. A new one is a file and a line here. */
export const reporters: readonly Reporter[] = [table, markdown, json, junit]
