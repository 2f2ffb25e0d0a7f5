/**
 * The floor of the receiving side: what Node can do with sockets alone. No parser, no audit, no
 * histogram: it looks for the mark in what was read, takes the time, and for a long poll asks
 * again. It is correct only for this server and one event a read, which is why it is the floor.
 *
 * Started as a process of its own; its parameters come and its figures go over the channel.
 */

import net from 'node:net'
import { collectGarbage, giveWay, keepToSide } from '../src/process-settings.ts'
import type { Span } from '../src/swarm/messages.ts'

export interface BareOrder {
  readonly transport: string
  readonly port: number
  readonly channel: string
  readonly clients: number
}

export interface BareFigures {
  readonly deliveries: number
  readonly cpuUs: number
  readonly latenciesUs: Float64Array
  readonly rssBytes: number
}

export type ToBare =
  | { readonly type: 'order'; readonly order: BareOrder }
  | { readonly type: 'window'; readonly window: Span }
export type FromBare =
  | { readonly type: 'connected' }
  | { readonly type: 'figures'; readonly figures: BareFigures }

const MARK = Buffer.from('rtbm_')
const CURSOR = Buffer.from('"lastEventId":"')
const CONNECTING = 128
const UNDERSCORE = 0x5f
const PING = 0x89
/** Empty, masked with zeros. */
const PONG_FRAME = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

const buffer = Buffer.allocUnsafeSlow(65_536)
let deliveries = 0
let measuring = false
const latencies: number[] = []

function now(): number {
  const time = process.hrtime()
  return time[0] * 1e9 + time[1]
}

/** Reads the fourth number of the mark: the intended time. */
function take(length: number): void {
  const at = buffer.indexOf(MARK)
  if (at < 0 || at >= length) return
  let cursor = at + MARK.length
  for (let field = 0; field < 3; cursor++) if (buffer[cursor] === UNDERSCORE) field++
  let intendedAtUs = 0
  for (; buffer[cursor] !== UNDERSCORE; cursor++) {
    intendedAtUs = intendedAtUs * 10 + ((buffer[cursor] as number) - 48)
  }
  deliveries++
  if (measuring) latencies.push(now() / 1e3 - intendedAtUs)
}

function connect(order: BareOrder, established: () => void): void {
  const { transport, port, channel } = order
  let reads = 0
  const socket = net.connect(
    {
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          if (reads++ === 0) established()
          take(length)
          if (transport === 'long-poll') {
            socket.write(pollRequest(channel, cursorOf(length)), 'latin1')
          }
          if (transport === 'websocket') {
            if (reads === 1) socket.write(subscribeFrame(channel))
            else if (buffer[0] === PING) socket.write(PONG_FRAME)
          }
          return true
        },
      },
    },
    () => socket.write(opening(transport, channel), 'latin1'),
  )
  socket.on('close', () => {
    throw new Error('the server closed a connection')
  })
}

function cursorOf(length: number): string {
  const start = buffer.lastIndexOf(CURSOR, length) + CURSOR.length
  return buffer.toString('latin1', start, buffer.indexOf(0x22, start))
}

function pollRequest(channel: string, cursor: string): string {
  return `GET /long-poll?channel=${channel}&lastEventId=${cursor} HTTP/1.1\r\nHost: localhost\r\n\r\n`
}

function opening(transport: string, channel: string): string {
  switch (transport) {
    case 'sse':
      return `GET /sse?channel=${channel} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    case 'websocket':
      return 'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    default:
      return `GET /long-poll?channel=${channel} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  }
}

/** A masked text frame; a mask of zeros is a mask. */
function subscribeFrame(channel: string): Buffer {
  const text = Buffer.from(JSON.stringify({ type: 'subscribe', channel }))
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text])
}

function start(order: BareOrder): void {
  let opened = 0
  let established = 0
  const next = (): void => {
    if (opened === order.clients) return
    opened++
    connect(order, () => {
      if (++established === order.clients) say({ type: 'connected' })
      next()
    })
  }
  for (let slot = 0; slot < CONNECTING; slot++) next()
}

function measure(window: Span): void {
  collectGarbage()
  setTimeout(
    () => {
      measuring = true
      const deliveredBefore = deliveries
      const cpuBefore = process.cpuUsage()
      setTimeout(
        () => {
          const cpu = process.cpuUsage(cpuBefore)
          say({
            type: 'figures',
            figures: {
              deliveries: deliveries - deliveredBefore,
              cpuUs: cpu.user + cpu.system,
              latenciesUs: Float64Array.from(latencies),
              rssBytes: process.memoryUsage.rss(),
            },
          })
        },
        (window.endNs - now()) / 1e6,
      )
    },
    (window.startNs - now()) / 1e6,
  )
}

function say(message: FromBare): void {
  process.send?.(message)
}

// As what it is compared with.
giveWay()
keepToSide('clients')
process.on('message', (message: ToBare) => {
  if (message.type === 'order') start(message.order)
  else measure(message.window)
})
process.on('disconnect', () => process.exit())
