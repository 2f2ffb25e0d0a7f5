import { apacheVia } from './apache.ts'
import { caddyVia } from './caddy.ts'
import { haproxyVia } from './haproxy.ts'
import { nginxVia } from './nginx.ts'
import { squidVia } from './squid.ts'
import type { Via } from './via.ts'

/** Every proxy, in the order in which they are listed. */
export const proxies: readonly Via[] = [nginxVia, haproxyVia, caddyVia, apacheVia, squidVia]

export const proxyNames: readonly string[] = proxies.map(({ name }) => name)

/** The proxy of this name; a name that passed the scenario's check is always here. */
export function proxyNamed(name: string): Via {
  const found = proxies.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no proxy is named ${name}`)
  return found
}
