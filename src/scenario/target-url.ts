import type { Refusal } from './units.ts'

/** What is wrong with a base URL of an already running server, or null. */
export function refuseTargetUrl(text: string): Refusal | null {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]
  if (scheme === undefined) return { problem: 'is not a URL with its scheme' }
  if (/^wss?$/i.test(scheme)) {
    return { problem: `has the scheme ${scheme}, which rtbench derives from http or https itself` }
  }
  if (!/^https?$/i.test(scheme)) return { problem: `has the scheme ${scheme}` }
  const port = /^[^/]*\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(text)?.[1]
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    return { problem: `has the port ${port}, which is not from 1 to 65535` }
  }
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return { problem: 'is not a URL' }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    return { problem: 'carries credentials, which results would store' }
  }
  if (/[?#]/.test(text)) return { problem: 'has a query or a fragment' }
  return null
}
