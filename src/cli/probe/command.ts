import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench serve --hold 10m --heartbeat 10m             behind what is to be probed
  $ rtbench probe https://live.example.com --allow-remote
  $ rtbench probe target.yaml --longest 10m              a server of your own: docs/targets.md
  $ rtbench probe scenarios/proxies.yaml                 every technique through every proxy

Exit codes: 0 probed, whatever was found, 1 could not be probed, 2 usage, 6 not written, 130 interrupted.`

/** `rtbench probe` */
export function add(command: Command): void {
  command
    .description('Asks a way to a server what it does to real-time traffic, and how to mend it.')
    .argument('[url]', 'of a server behind it; or a scenario file with a url, or with proxies')
    .option('--via <names>', 'start these proxies before a server of its own, and ask them')
    .option('--via-config <kinds>', 'in which configurations: default, recommended')
    .option('--transport <names>', 'techniques to ask for (default: all)')
    .option('--longest <time>', 'the longest silence that is waited for, up to 10m (default: 2m)')
    .option('--connections <count>', 'held at once, up to 1000 (default: 32)')
    .option('--token <token>', 'token of the server at the URL (or RTBENCH_TOKEN)')
    .option('--allow-remote', 'let the URL name another machine')
    .option('--json', 'print what was found as one JSON document')
    .option('--out <folder>', 'where to save that document (default: results/probes)')
    .option('--no-save', 'save nothing')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
