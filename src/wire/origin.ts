import type { Endpoint } from './socket.ts'

type Address = Pick<Endpoint, 'secure' | 'host' | 'port'>

/** `http://127.0.0.1:8080`, or `wss://[::1]:443`: an IPv6 address has brackets (RFC 3986, section 3.2.2). */
export function originOf({ secure, host, port }: Address, scheme: 'http' | 'ws' = 'http'): string {
  const address = host.includes(':') ? `[${host}]` : host
  return `${scheme}${secure ? 's' : ''}://${address}:${port}`
}
