import type { Command } from '@commander-js/extra-typings'
import type { DoctorOptions } from './doctor/doctor-command.ts'

const EXAMPLES = `
Examples:
  $ rtbench doctor
  $ rtbench doctor --clients 100k              can this machine hold so many?
  $ rtbench doctor --json | jq -r '.findings[] | select(.fix).fix'

Exit codes: 0 nothing stands in the way, 1 something does, 2 usage.`

/** `rtbench doctor` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('examine this machine')
    .description('Examines this machine, and tells how to mend what would spoil a measurement.')
    .option('--clients <count>', 'judge for so many virtual clients, such as 10k')
    .option('--json', 'print the findings, and what was read, as one JSON document')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorOptions) => {
      const { doctorCommand } = await import('./doctor/doctor-command.ts')
      process.exitCode = await doctorCommand(options)
    })
}
