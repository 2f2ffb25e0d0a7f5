import type { Command } from '@commander-js/extra-typings'
import type { ReportOptions } from './report-command.ts'

const REPORT_EXAMPLES = `
Examples:
  $ rtbench report results/2026-11-22T10-49-36Z-all-1000.json
  $ rtbench report result.json --format markdown > comparison.md
  $ rtbench report result.json --format json | jq '.runs[].latency.p99Us'`

/** `rtbench report` */
export function addReport(program: Command): void {
  program
    .command('report')
    .summary('print a stored result')
    .description('Renders a stored result without measuring anything.')
    .argument('<file>', 'a result document')
    .option('--format <format>', 'table, markdown, json or junit (default: table)')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', REPORT_EXAMPLES)
    .action(async (file: string, options: ReportOptions) => {
      const { reportCommand } = await import('./report-command.ts')
      process.exitCode = await reportCommand(file, options)
    })
}
