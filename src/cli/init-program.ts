import type { Command } from '@commander-js/extra-typings'
import type { InitOptions } from './init-command.ts'

const EXAMPLES = `
Examples:
  $ rtbench init
  $ rtbench init load-tests && cd load-tests && rtbench run scenarios/first.yaml
  $ rtbench init --force                     write over what is there`

/** `rtbench init` */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a first scenario and a workflow')
    .description('Writes a scenario with every key explained, and a workflow for GitHub Actions.')
    .argument('[folder]', 'where to write; it is made where it is missing', '.')
    .option('--force', 'write over files that are there')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: InitOptions) => {
      const { initCommand } = await import('./init-command.ts')
      process.exitCode = await initCommand(folder, options)
    })
}
