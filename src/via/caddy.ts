import { loopback } from '../balancer/balancer.ts'
import type { Via, ViaPlan } from './via.ts'

export const caddyVia: Via = {
  name: 'caddy',
  label: 'Caddy',
  program: 'caddy',
  package: 'caddy',
  versionArgument: 'version',
  version: /^v?(\d+\.\S+)/,
  complaint: /^Error:|"level":"(?:fatal|panic)"/,
  role: 'reverse',
  args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  room: () => null,
  configuration: (configuration, plan) =>
    configuration === 'default' ? caddyfile(plan) : caddyfile(plan, RECOMMENDED),
}

/** Of its own it passes on what is an event stream, and what has no length, as it comes. */
const RECOMMENDED = ` {
        # Every technique: whatever comes is passed on at once.
        flush_interval -1
    }`

/** Its "Reverse proxy quick-start", with plain HTTP on a port. */
function caddyfile({ port, upstream }: ViaPlan, more = ''): string {
  return `# Caddy as a reverse proxy: ${more === '' ? 'default' : 'recommended'}
{
    admin off
    auto_https off
    log {
        level ERROR
    }
}

http://:${port} {
    bind 127.0.0.1
    reverse_proxy ${loopback(upstream)}${more}
}
`
}
