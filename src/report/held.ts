import type { Run } from '../result/document.ts'

/** ` with 1 held connection per client`; nothing where the server did not tell. */
export function heldPhrase({ clients }: Run): string {
  const { mean } = clients.held
  if (mean === null || clients.connected === 0) return ''
  const each = Math.round((mean / clients.connected) * 100) / 100
  if (each === 0) return ' with no held connection'
  return ` with ${each} held ${each === 1 ? 'connection' : 'connections'} per client`
}
