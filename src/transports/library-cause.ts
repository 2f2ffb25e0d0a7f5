import { WireError } from '../wire/wire-error.ts'

/** The libraries' codes by the causes under which the lean engine counts the same. */
const CAUSES: Readonly<Record<string, string>> = {
  HTTPParserError: 'http-syntax',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'http-head-too-large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'http-body-too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'http-closed-early',
  UND_ERR_SOCKET: 'closed',
  WS_ERR_INVALID_UTF8: 'ws-utf8',
  WS_ERR_UNEXPECTED_RSV_1: 'ws-compressed',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'ws-message-too-large',
}

/** The cause under which a library's error is counted. */
export function libraryCause(error: Error): string {
  if (error instanceof WireError) return error.code
  // These two have no code of their own.
  if (error.message === 'bad upgrade') return 'http-101'
  if (error.message === 'socket hang up') return 'closed'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  if (code.startsWith('HPE_')) return 'http-syntax'
  return CAUSES[code] ?? (code.startsWith('WS_ERR_') ? 'ws-protocol' : code)
}
