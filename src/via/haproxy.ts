import { connectionsOf, loopback, timeoutsOf } from '../balancer/balancer.ts'
import { haproxyProgram } from '../balancer/haproxy.ts'
import type { Via, ViaPlan } from './via.ts'

export const haproxyVia: Via = {
  ...haproxyProgram,
  role: 'reverse',
  // Without a word it takes what the limit of open files allows.
  room: () => null,
  configuration: (configuration, plan) =>
    configuration === 'default' ? minimal(plan) : recommended(plan),
}

/** The simple proxy among the examples of its Configuration Manual (section 2.7), with the times that stand there. */
function minimal({ port, upstream }: ViaPlan): string {
  return `# HAProxy as a reverse proxy: default
defaults
    mode http
    timeout connect 5000ms
    timeout client 50000ms
    timeout server 50000ms

frontend clients
    bind ${loopback(port)}
    default_backend servers

backend servers
    server server1 ${loopback(upstream)}
`
}

function recommended(plan: ViaPlan): string {
  const { silenceS, tunnelS, idleS, connectS, headS } = timeoutsOf(plan)
  return `# HAProxy as a reverse proxy: recommended
global
    maxconn ${connectionsOf(plan)}

defaults
    mode http
    timeout connect ${connectS}s
    timeout http-request ${headS}s
    # Long polls and streams: longer than a hold, and than the silence between two heartbeats.
    timeout client ${silenceS}s
    timeout server ${silenceS}s
    # WebSocket: one ping may get lost.
    timeout tunnel ${tunnelS}s
    # Polling: the connection waits for the next request.
    timeout http-keep-alive ${idleS}s
    # Server-Sent Events: what comes goes out, without waiting for more to fill a packet.
    option http-no-delay
    # Long polls: one whose client has gone is not held any longer.
    option abortonclose

frontend clients
    bind ${loopback(plan.port)} backlog 65535
    default_backend servers

backend servers
    # Polling: connections to the server are used again.
    http-reuse safe
    server server1 ${loopback(plan.upstream)}
`
}
