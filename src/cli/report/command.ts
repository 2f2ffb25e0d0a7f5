import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const REPORT_EXAMPLES = `
Examples:
  $ rtbench report results/2026-11-22T10-49-36Z-all-1000.json
  $ rtbench report monday.json tuesday.json --format html --out compared.html
  $ rtbench report result.json --format hgrm --transport sse > sse.hgrm`

/** `rtbench report` */
export function add(command: Command): void {
  command
    .description('Renders stored results without measuring anything.')
    .argument('<file...>', 'result documents')
    .option(
      '--format <format>',
      'table, markdown, json, html, junit, csv, prometheus, hgrm or hlog (default: table)',
    )
    .option('--full', 'all rows of the table')
    .option('--out <path>', 'write to this file or folder instead of stdout')
    .option('--transport <names>', 'only these, comma-separated')
    .option('--repetition <number>', 'only this repetition')
    .addHelpText('after', REPORT_EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
