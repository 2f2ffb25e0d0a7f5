/**
 * The floor of the sending side: every socket gets the same prebuilt frame by `socket.write`, and
 * nothing else happens. It answers the first bytes of a connection with anything, and asks for no
 * protocol.
 *
 * Started as a process of its own; its parameters come and its figures go over the channel.
 */

import net, { type AddressInfo } from 'node:net'
import { giveWay, keepToSide } from '../src/process-settings.ts'
import type { Span } from '../src/swarm/messages.ts'
import { formatEventId, formatFiller, formatMark } from '../src/wire/mark.ts'

/** Broadcasts once a second in a window, beginning half a second after its start. */
export interface SenderOrder {
  readonly window: Span
  readonly payloadBytes: number
}

export type FromSender =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'figures'; readonly deliveries: number; readonly cpuUs: number }

const PERIOD_NS = 1e9
const sockets = new Set<net.Socket>()
let deliveries = 0

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    sockets.add(socket)
  })
})

function now(): number {
  const time = process.hrtime()
  return time[0] * 1e9 + time[1]
}

/** As long as the server's own of the same event. */
function frameOf(sequence: number, payloadBytes: number): Buffer {
  const intendedAtNs = Math.floor(now())
  const handedOverAtNs = intendedAtNs
  const mark = formatMark({ run: 1, channel: 0, sequence, intendedAtNs, handedOverAtNs })
  const id = formatEventId(Math.floor(intendedAtNs / 1000), 1_000_000_000)
  const text = `id: ${id}\ndata: ${mark}${formatFiller(payloadBytes, mark.length)}\n\n`
  return Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`)
}

function measure({ window, payloadBytes }: SenderOrder): void {
  const at = (atNs: number, act: () => void): void => {
    setTimeout(act, Math.max(0, (atNs - now()) / 1e6))
  }
  let cpu = process.cpuUsage()
  at(window.startNs, () => {
    cpu = process.cpuUsage()
    deliveries = 0
  })
  let sequence = 0
  const first = window.startNs - 1.5 * PERIOD_NS
  for (let atNs = first; atNs < window.endNs; atNs += PERIOD_NS) {
    at(atNs, () => {
      const frame = frameOf(++sequence, payloadBytes)
      for (const socket of sockets) if (socket.write(frame)) deliveries++
    })
  }
  at(window.endNs, () => {
    const { user, system } = process.cpuUsage(cpu)
    say({ type: 'figures', deliveries, cpuUs: user + system })
  })
}

function say(message: FromSender): void {
  process.send?.(message)
}

// As what it is compared with.
giveWay()
keepToSide('server')
process.on('message', measure)
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', 4096, () => {
  say({ type: 'listening', port: (server.address() as AddressInfo).port })
})
