import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench init --serve 'npm start'
  $ rtbench init --url http://127.0.0.1:3000 --sse /events --publish 'POST /messages' --body '{"text":"{data}"}'
  $ rtbench init load-tests                  on rtbench's own server, to look around`

const NOTES = `
It asks the server on the usual paths how it speaks, and publishes some events there to see them arrive; a path
that is named is looked at alone. What it writes is run once, for two seconds. Without --serve and --url it asks
on a terminal, and else writes what measures rtbench's own server. docs/terminal.md tells more.`

/** `rtbench init` */
export function add(command: Command): void {
  command
    .description('Writes a scenario and a workflow for GitHub Actions that measure your server.')
    .argument('[folder]', 'where to write; it is made where it is missing', '.')
    .option('--serve <command>', 'starts your server, on the port that is PORT and {port}')
    .option('--url <url>', 'your server, where it is running already')
    .option('--sse <path>', 'its event stream')
    .option('--ws <path>', 'its WebSocket')
    .option('--poll <path>', 'what is polled at an interval')
    .option('--long-poll <path>', 'what is held until there is an event')
    .option('--publish <request>', "the request that publishes an event: 'POST /messages'")
    .option('--body <text>', 'the body of that request, with {data}: \'{"text":"{data}"}\'')
    .option('--token <token>', 'token of the server (or RTBENCH_TOKEN)')
    .option('--allow-remote', 'let --url name another machine')
    .option('--no-try', 'do not run what was written')
    .option('--force', 'write over files that are there')
    .addHelpText('after', NOTES)
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
