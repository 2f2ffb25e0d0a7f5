import type { ServerResponse } from 'node:http'

/** A JSON answer. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  })
  response.end(body)
}

/** Answers HEAD where the content is made only when it is asked for (RFC 9110, section 9.3.2). */
export function answerHead(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end()
}

export function answerError(response: ServerResponse, status: number, message: string): void {
  answerJson(response, status, { error: message })
}
