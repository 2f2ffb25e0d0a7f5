import { basename } from 'node:path'
import { loopback, timeoutsOf } from '../balancer/balancer.ts'
import type { Via, ViaPlan } from './via.ts'

/** Squid as a forward proxy, as in an office: clients name the server to it, or ask for a tunnel. */
export const squidVia: Via = {
  name: 'squid',
  label: 'Squid',
  program: 'squid',
  package: 'squid',
  version: /Version (\S+)/,
  complaint: /FATAL|ERROR|Bungled/,
  role: 'forward',
  // In the foreground, what is grave on standard error.
  args: (file, folder) => ['-N', '-d', '0', '-n', serviceOf(folder), '-f', file],
  leftovers: (folder) => `/dev/shm/${serviceOf(folder)}-`,
  room: () => null,
  configuration: (configuration, plan) =>
    configuration === 'default' ? minimal(plan) : recommended(plan),
}

/** By which it tells its shared memory from that of others: letters and digits. */
function serviceOf(folder: string): string {
  return basename(folder).replace(/[^A-Za-z0-9]/g, '')
}

/** What it must be told to leave nothing behind, and to end when it is told to. */
function frame({ port }: ViaPlan): string {
  return `http_port ${loopback(port)}
pid_filename none
cache_log /dev/null
access_log none
netdb_filename none
coredump_dir none
shutdown_lifetime 0 seconds
${process.getuid?.() === 0 ? '# It does not run as root.\ncache_effective_user proxy\n' : ''}`
}

/** Its squid.conf as it is shipped: tunnels lead to port 443 alone. */
function minimal(plan: ViaPlan): string {
  return `# Squid as a forward proxy: default
${frame(plan)}
acl SSL_ports port 443
acl Safe_ports port 80 443 1025-65535
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access allow localhost
http_access deny all
`
}

function recommended(plan: ViaPlan): string {
  const { silenceS, tunnelS, idleS } = timeoutsOf(plan)
  return `# Squid as a forward proxy: recommended
${frame(plan)}
# WebSocket: a tunnel to the server's port, too; wss:// on 443 needs no such line.
acl application port ${plan.upstream}
http_access allow CONNECT application localhost

acl SSL_ports port 443
acl Safe_ports port 80 443 1025-65535
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access allow localhost
http_access deny all

# Nothing of what is pushed is to be kept, or answered a second time.
cache deny all
# Long polls, streams and sockets: longer than the longest silence of any.
read_timeout ${Math.max(silenceS, tunnelS)} seconds
# Polling: the connection waits for the next request.
client_idle_pconn_timeout ${idleS} seconds
`
}
