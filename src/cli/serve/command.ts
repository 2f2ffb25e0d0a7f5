import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'
import { collect, joined } from '../flags.ts'

const SERVE_EXAMPLES = `
Examples:
  $ rtbench serve --port 8080                            all four techniques on one port
  $ curl -N 'http://127.0.0.1:8080/sse?channel=news'     listen
  $ curl -d '{"channel":"news","data":"hello"}' http://127.0.0.1:8080/publish`

/** `rtbench serve` */
export function add(command: Command): void {
  command
    .description('Serves all four techniques on one port, over one event log.')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port; 0 takes a free one (default: 8080)')
    .option('--tls', 'speak TLS, with a certificate of a day that is made at the start')
    .option('--cert <file>', 'speak TLS with this certificate, in PEM, and those above it')
    .option('--key <file>', 'the key of that certificate, in PEM')
    .option('--token <token>', 'ask for this token everywhere (or RTBENCH_TOKEN)')
    .option('--allow-origin <origin>', 'a page origin that may use it; repeatable', collect)
    .option('--log-size <events>', 'events retained for resuming clients (default: 16384)')
    .option('--hold <time>', 'longest that a long poll is held (default: 30s)')
    .option(
      '--heartbeat <time>',
      'between SSE comments and between WebSocket pings (default: 15s, 25s)',
    )
    .option(
      '--fault <faults>',
      'misbehave on purpose: delay=20ms, delay=100ms/1%, drop=1/1000, duplicate=1/500, swap=1/200',
      joined,
    )
    .option('--instances <count>', 'server processes, on ports from --port on (default: 1)')
    .option(
      '--backplane <bus>',
      'what carries events between instances, here and elsewhere: memory, none, or the URL of a bus (default: memory; or RTBENCH_BACKPLANE)',
    )
    .option(
      '--bus-routing <kind>',
      'broadcast, or by-channel: events come where clients want them (default: broadcast)',
    )
    .option('--seed <number>', 'of the faults (default: random, printed)')
    .addHelpText('after', SERVE_EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
