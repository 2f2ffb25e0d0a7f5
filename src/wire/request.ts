/** Where requests go and as whom. */
export interface Authority {
  readonly authority: string
  readonly basePath: string
  readonly token: string | null
}

/**
 * The bytes of a GET request: as few headers as HTTP/1.1 asks for, a name, and the token.
 *
 * @param extra further header lines, each ended by CRLF
 */
export function requestHead(to: Authority, pathAndQuery: string, extra = ''): string {
  const token = to.token === null ? '' : `Authorization: Bearer ${to.token}\r\n`
  return `GET ${to.basePath}${pathAndQuery} HTTP/1.1\r\nHost: ${to.authority}\r\nUser-Agent: rtbench\r\n${token}${extra}\r\n`
}
