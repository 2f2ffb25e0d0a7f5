import { connectionsOf, loopback, timeoutsOf } from '../balancer/balancer.ts'
import { NGINX_FILES, NGINX_UPGRADES, nginxProgram } from '../balancer/nginx.ts'
import type { Via, ViaPlan } from './via.ts'

/** What nginx has where nothing is said; each client has two of them (ngx_core_module, `worker_connections`). */
const USUAL_CONNECTIONS = 512

export const nginxVia: Via = {
  ...nginxProgram,
  role: 'reverse',
  // Some of them are its own.
  room: (configuration) => (configuration === 'default' ? USUAL_CONNECTIONS / 2 - 6 : null),
  configuration: (configuration, plan) =>
    configuration === 'default' ? minimal(plan) : recommended(plan),
}

/** "NGINX Reverse Via" of its guide for administrators: a location and `proxy_pass`. */
function minimal({ port, upstream }: ViaPlan): string {
  return `# nginx as a reverse proxy: default
error_log stderr warn;
pid nginx.pid;

events {
}

http {
${NGINX_FILES}

    server {
        listen ${loopback(port)};

        location / {
            proxy_pass http://${loopback(upstream)};
        }
    }
}
`
}

function recommended(plan: ViaPlan): string {
  const { silenceS, tunnelS, idleS } = timeoutsOf(plan)
  const most = connectionsOf(plan)
  return `# nginx as a reverse proxy: recommended
worker_processes auto;
# Every technique that holds connections: two for each client, and a single worker may come to have them all.
worker_rlimit_nofile ${2 * most + 100};
error_log stderr warn;
pid nginx.pid;

events {
    worker_connections ${2 * most};
}

http {
${NGINX_FILES}

    # WebSocket: an upgrade is passed on as one; other requests leave the connection to the server open.
${NGINX_UPGRADES}

    upstream application {
        server ${loopback(plan.upstream)};
        # Polling: connections to the server are used again.
        keepalive 512;
    }

    server {
        listen ${loopback(plan.port)} backlog=65535;
        # Polling: the connection waits for the next request.
        keepalive_timeout ${idleS}s;
        keepalive_requests 1000000;

        location / {
            proxy_pass http://application;
            # Server-Sent Events and WebSocket: 1.0, the default, has neither chunks nor upgrades.
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            # Server-Sent Events: what comes is passed on. A server may say so itself: X-Accel-Buffering: no
            proxy_buffering off;
            # Long polls, streams and sockets: longer than the longest silence of any.
            proxy_read_timeout ${Math.max(silenceS, tunnelS)}s;
            proxy_send_timeout ${Math.max(silenceS, tunnelS)}s;
        }
    }
}
`
}
