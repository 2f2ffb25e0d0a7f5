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

export function answerError(response: ServerResponse, status: number, message: string): void {
  answerJson(response, status, { error: message })
}
