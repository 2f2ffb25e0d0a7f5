/** An instance asks its clients to leave, and goes on serving. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { DEFAULT_SERVER_OPTIONS, startServer } from './reference-server.ts'

test('a stream ends, a socket is closed with 1001, a poll is answered with Connection: close', async (context) => {
  const server = await startServer(DEFAULT_SERVER_OPTIONS)
  context.after(() => server.drain())
  const at = `127.0.0.1:${server.port}`

  const stream = await fetch(`http://${at}/sse?channel=news`)
  const streamEnded = stream.text()
  const socket = new WebSocket(`ws://${at}/ws`)
  await new Promise((resolve) => socket.once('open', resolve))
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve)
  })
  const cursor = (
    (await (await fetch(`http://${at}/poll?channel=news`)).json()) as { lastEventId: string }
  ).lastEventId
  const poll = new Promise<string | undefined>((resolve) => {
    request(`http://${at}/long-poll?channel=news&lastEventId=${cursor}`, (response) => {
      response.resume()
      resolve(response.headers.connection)
    }).end()
  })
  while (
    (
      (await (await fetch(`http://${at}/stats`)).json()) as {
        transports: Record<string, { held: number }>
      }
    ).transports['long-poll']?.held !== 1
  );

  assert.equal(server.leave(50), 3)
  assert.match(await streamEnded, /^retry: \d+\nid: /)
  assert.equal(await closed, 1001)
  assert.equal(await poll, 'close')

  // Whoever comes back is taken.
  const again = await fetch(`http://${at}/sse?channel=news`)
  assert.equal(again.status, 200)
  await again.body?.cancel()
})
