import {
  type Backend,
  type Balance,
  type Balancer,
  backendsOf,
  CLIENT_KEY,
  COOKIE,
  connectionsOf,
  type FrontPlan,
  loopback,
  timeoutsOf,
} from './balancer.ts'
import type { Program } from './program.ts'

/** Its own words for how it chooses (HAProxy 2.6 Configuration Manual, 4.2 "balance" and "cookie"). */
const BALANCE: Readonly<Record<Balance, string>> = {
  'round-robin': 'balance roundrobin',
  'least-connections': 'balance leastconn',
  cookie: `balance roundrobin
    # Put in where a client has none, kept from the instances, and from caches.
    cookie ${COOKIE} insert indirect nocache httponly`,
  hash: `balance url_param ${CLIENT_KEY}
    # An instance that goes takes only its own clients' places with it.
    hash-type consistent`,
}

/** HAProxy, in the foreground and in one process with a thread for each processor. */
export const haproxyProgram: Program = {
  name: 'haproxy',
  label: 'HAProxy',
  program: 'haproxy',
  package: 'haproxy',
  version: /version (\S+)/,
  complaint: /\[ALERT\]/,
  args: (file) => ['-db', '-f', file],
}

export const haproxy: Balancer = {
  ...haproxyProgram,
  configuration(plan) {
    const { silenceS, tunnelS, idleS, connectS, headS } = timeoutsOf(plan)
    return `# HAProxy before ${plan.instances.length} of rtbench's instances: ${plan.balance}
global
    # It asks for two descriptors for each of these, and some of its own.
    maxconn ${connectionsOf(plan)}

defaults
    # Layer 7: an upgrade to WebSocket is routed as the request that it is, and is a tunnel from its answer on.
    mode http
    timeout connect ${connectS}s
    timeout http-request ${headS}s
    timeout queue ${connectS}s
    # Polls are held for ${plan.holdMs / 1000}s, streams say something every ${plan.heartbeatMs / 1000}s. What is streamed is passed on as it comes.
    timeout client ${silenceS}s
    timeout server ${silenceS}s
    # Sockets are pinged every ${plan.pingMs / 1000}s.
    timeout tunnel ${tunnelS}s
    # A poller's connection waits for its next request.
    timeout http-keep-alive ${idleS}s
    # An event goes out when it is there: the system would wait up to 200 ms for more of the stream.
    option http-no-delay
    # A poll whose client has gone is not held any longer.
    option abortonclose
    # An instance that refuses the connection is not tried twice, whatever a cookie says.
    retries 3
    option redispatch 1

frontend clients
${plan.ports.map((port) => `    bind ${loopback(port)} backlog 65535`).join('\n')}
    default_backend instances

backend instances
    ${BALANCE[plan.balance]}
    # Connections to the instances are kept, and used again by whoever asks next.
    http-reuse safe
    # No health checks: an instance that is gone is found by the connection to it that fails.
${backendsOf(plan)
  .map((backend) => serverLine(backend, plan))
  .join('\n')}
`
  },
}

function serverLine({ label, address }: Backend, { balance }: FrontPlan): string {
  return `    server ${label} ${address}${balance === 'cookie' ? ` cookie ${label}` : ''}`
}
