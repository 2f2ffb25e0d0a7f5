/** What the system of the generator refuses, whatever the server does. */
const OWN_LIMITS: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

/** The name under which an error is counted: the generator's own limits are told apart. */
export function causeOf(code: string): string {
  return OWN_LIMITS.has(code) ? `generator-${code}` : code
}
