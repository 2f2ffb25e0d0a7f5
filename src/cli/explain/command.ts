import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench explain                      all terms
  $ rtbench explain slip                 a reason against a run
  $ rtbench explain held connections     a row of the table`

/** `rtbench explain` */
export function add(command: Command): void {
  command
    .description('Explains what a report says: its rows, its figures, and reasons against a run.')
    .argument('[term...]', 'a row, a figure, a reason or a word; all of them by default')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
