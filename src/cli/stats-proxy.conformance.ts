/** A reference server whose statistics are what a test makes of them; all else is what it is. */
import { once } from 'node:events'
import { get } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { ServerStatistics } from '../server/statistics.ts'

/** A body, or null for no answer at all. */
export type Distort = (statistics: ServerStatistics, asked: number) => string | null

/** Starts one before a server; resolves with its URL. */
export async function statsProxy(
  context: TestContext,
  serverPort: number,
  distort: Distort,
): Promise<string> {
  const sockets = new Set<Socket>()
  let asked = 0
  const answer = async (client: Socket, path: string): Promise<void> => {
    asked++
    const distorted = distort(await statisticsOf(serverPort, path), asked)
    if (distorted === null) return
    client.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(distorted)}\r\n\r\n`)
    client.write(distorted)
  }
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => other.destroy())
    }
    server.pipe(client)
    client.on('data', (bytes: Buffer) => {
      const [, path] = /^GET (\/stats\S*)/.exec(bytes.toString('latin1')) ?? []
      if (path === undefined) server.write(bytes)
      else void answer(client, path)
    })
  })
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

async function statisticsOf(port: number, path: string): Promise<ServerStatistics> {
  const [response] = await once(get({ port, host: '127.0.0.1', path }), 'response')
  let text = ''
  for await (const bytes of response) text += bytes
  return JSON.parse(text)
}
