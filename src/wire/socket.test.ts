import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { connectWire, originOf, SharedReader } from './socket.ts'

test('leaves a peer that does not read', async (context) => {
  const peers: Socket[] = []
  const server = createServer((socket) => peers.push(socket.pause().on('error', () => {})))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  const { port } = address
  const reader = new SharedReader(() => {}, 1024)
  let timer: NodeJS.Timeout | null = null
  context.after(() => {
    if (timer !== null) clearInterval(timer)
    for (const peer of peers) peer.destroy()
    server.close()
  })

  const cause = await new Promise<string | null>((resolve) => {
    const endpoint = { host: '127.0.0.1', port, secure: false, authority: 'localhost' }
    const socket = connectWire(endpoint, reader, {
      onConnected: () => {
        timer = setInterval(() => {
          for (let index = 0; index < 1_000; index++) socket.write(Buffer.alloc(1_000))
        }, 1)
      },
      onBytes: () => {},
      onClosed: resolve,
    })
  })
  assert.equal(cause, 'send-buffer-full')
  assert.equal(reader.openSockets, 0)
  // What the kernel's two buffers took, and little more.
  assert(reader.bytesSent < 64 * 1024 * 1024, `${reader.bytesSent} bytes`)
})

test('an origin has its scheme, and brackets around an IPv6 address', () => {
  assert.equal(originOf({ secure: false, host: '127.0.0.1', port: 80 }), 'http://127.0.0.1:80')
  assert.equal(originOf({ secure: true, host: '::1', port: 443 }, 'ws'), 'wss://[::1]:443')
})
