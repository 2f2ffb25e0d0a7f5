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

/** Its own words for how it chooses (nginx, ngx_http_upstream_module). */
const BALANCE: Readonly<Record<Balance, string>> = {
  'round-robin': '',
  'least-connections': '        least_conn;\n',
  cookie: '',
  hash: `        hash $arg_${CLIENT_KEY} consistent;\n`,
}

/** Where it writes, in its own folder: nothing of what it passes on depends on it. */
export const NGINX_FILES = `    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;`

/** What `Connection` says to the server: of a request for an upgrade that it is one, of others nothing. */
export const NGINX_UPGRADES = `    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      '';
    }`

/** Idle connections to the instances that each worker keeps. */
const KEPT = 512

/** nginx, in the foreground: a master, and a worker for each processor. */
export const nginxProgram: Program = {
  name: 'nginx',
  label: 'nginx',
  program: 'nginx',
  package: 'nginx',
  version: /nginx\/(\S+)/,
  complaint: /\[emerg\]/,
  args(file, folder) {
    // As root it would give its folders away to a user who may not enter them.
    const user = process.getuid?.() === 0 ? 'user root; ' : ''
    return ['-p', folder, '-e', 'stderr', '-c', file, '-g', `${user}daemon off;`]
  },
}

export const nginx: Balancer = {
  ...nginxProgram,
  configuration(plan) {
    const { silenceS, tunnelS, idleS, connectS, headS } = timeoutsOf(plan)
    const most = connectionsOf(plan)
    const isSticky = plan.balance === 'cookie'
    return `# nginx before ${plan.instances.length} of rtbench's instances: ${plan.balance}
worker_processes auto;
# A client has two connections here, and a single worker may come to have them all.
worker_rlimit_nofile ${2 * most + 100};
error_log stderr warn;
pid nginx.pid;

events {
    worker_connections ${2 * most};
}

http {
${NGINX_FILES}

    # Layer 7: an upgrade to WebSocket goes on as one; other requests leave the connection to the instance open.
${NGINX_UPGRADES}
    # Streams say something every ${plan.heartbeatMs / 1000}s, polls are held for ${plan.holdMs / 1000}s, sockets are pinged every ${plan.pingMs / 1000}s.
${isSticky ? stickiness(plan) : ''}
    upstream instances {
        # What the workers know of the instances is one and the same.
        zone instances 256k;
${BALANCE[plan.balance]}${backendsOf(plan).map(serverLine).join('')}        keepalive ${KEPT};
        keepalive_requests 1000000;
    }

    server {
${plan.ports.map((port) => `        listen ${loopback(port)} backlog=65535;`).join('\n')}
        # A poller's connection waits for its next request, and is not closed after a thousand.
        keepalive_timeout ${idleS}s;
        keepalive_requests 1000000;
        client_header_timeout ${headS}s;

        location / {
            proxy_pass http://${isSticky ? '$belongs_to' : 'instances'};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
${isSticky ? '            add_header Set-Cookie $new_cookie always;\n' : ''}            # What is streamed is passed on as it comes.
            proxy_buffering off;
            proxy_connect_timeout ${connectS}s;
            proxy_read_timeout ${Math.max(silenceS, tunnelS)}s;
            proxy_send_timeout ${Math.max(silenceS, tunnelS)}s;
        }
    }
}
`
  },
}

/** No health checks: one that refuses the connection is passed over, and asked again the next time. */
function serverLine({ address }: Backend): string {
  return `        server ${address} max_fails=0;\n`
}

/**
 * What "sticky cookie" is in the commercial version: the cookie names an upstream of its own, in which the
 * others stand by; who served is told by the address, and put into the cookie where that says otherwise.
 */
function stickiness(plan: FrontPlan): string {
  const backends = backendsOf(plan)
  const lines = (line: (backend: Backend) => string): string => backends.map(line).join('')
  return `
    # The cookie names the instance that a client belongs to; without it, all take their turns.
    map $cookie_${COOKIE} $belongs_to {
        default instances;
${lines(({ label }) => `        ${label} ${label};\n`)}    }
    # Who served it, the last of those that were tried.
    map $upstream_addr $served_by {
${lines(({ label, address }) => `        ~${address.replaceAll('.', '\\.')}$ ${label};\n`)}    }
    map "$cookie_${COOKIE}=$served_by" $new_cookie {
        ~=$        '';
        "~^(.+)=\\1$" '';
        default    "${COOKIE}=$served_by; Path=/; HttpOnly";
    }
${lines(
  ({ label, address }) => `    upstream ${label} {
        zone ${label} 64k;
        server ${address} max_fails=0;
${backends.map((other) => (other.label === label ? '' : `        server ${other.address} backup;\n`)).join('')}        keepalive ${KEPT};
        keepalive_requests 1000000;
    }
`,
)}`
}
