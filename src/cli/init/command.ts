import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench init
  $ rtbench init load-tests && cd load-tests && rtbench run scenarios/first.yaml
  $ rtbench init --force                     write over what is there`

/** `rtbench init` */
export function add(command: Command): void {
  command
    .description('Writes a scenario with every key explained, and a workflow for GitHub Actions.')
    .argument('[folder]', 'where to write; it is made where it is missing', '.')
    .option('--force', 'write over files that are there')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
