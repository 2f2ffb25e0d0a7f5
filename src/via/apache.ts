import { connectionsOf, loopback, timeoutsOf } from '../balancer/balancer.ts'
import type { Via, ViaPlan } from './via.ts'

/** Where Debian has its modules. */
const MODULES = '/usr/lib/apache2/modules'
/** `MaxRequestWorkers` of the event MPM where nothing is said: 16 processes of 25 threads (mpm_common). */
const USUAL_WORKERS = 400
const THREADS = 64

export const apacheVia: Via = {
  name: 'apache',
  label: 'Apache',
  program: 'apache2',
  package: 'apache2',
  version: /Apache\/(\S+)/,
  complaint: /AH\d{5}|Syntax error/,
  role: 'reverse',
  args: (file, folder) => ['-d', folder, '-f', file, '-DFOREGROUND'],
  // A thread is busy for as long as the request that it passes on.
  room: (configuration) => (configuration === 'default' ? USUAL_WORKERS : null),
  configuration: (configuration, plan, folder) =>
    configuration === 'default'
      ? `# Apache as a reverse proxy: default
${frame(plan, folder)}
# The first example of its Reverse Via Guide.
ProxyPass "/" "http://${loopback(plan.upstream)}/"
ProxyPassReverse "/" "http://${loopback(plan.upstream)}/"
`
      : recommended(plan, folder),
}

/** What it must be told to run at all, in its own folder. */
function frame({ port }: ViaPlan, folder: string): string {
  const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http']
  return `${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
Listen ${loopback(port)}
ServerName 127.0.0.1
PidFile "${folder}/apache.pid"
DefaultRuntimeDir "${folder}"
ErrorLog "${folder}/error.log"
`
}

function recommended(plan: ViaPlan, folder: string): string {
  const { silenceS, tunnelS, idleS } = timeoutsOf(plan)
  const processes = Math.ceil(connectionsOf(plan) / THREADS)
  const silence = Math.max(silenceS, tunnelS)
  return `# Apache as a reverse proxy: recommended
${frame(plan, folder)}
# Every technique that holds connections: a thread is busy for as long as the request that it passes on.
ServerLimit ${processes}
ThreadsPerChild ${THREADS}
MaxRequestWorkers ${processes * THREADS}
# Long polls, streams and sockets: longer than the longest silence of any.
Timeout ${silence}
# Polling: the connection waits for the next request, and is not closed after a hundred.
KeepAliveTimeout ${idleS}
MaxKeepAliveRequests 0
# WebSocket: an upgrade is passed on as one. Server-Sent Events: what comes is passed on.
ProxyPass "/" "http://${loopback(plan.upstream)}/" upgrade=websocket flushpackets=on timeout=${silence}
ProxyPassReverse "/" "http://${loopback(plan.upstream)}/"
`
}
