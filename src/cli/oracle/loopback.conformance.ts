/** How long the way to a server and back takes here, by a bare client of it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'
import type { KnownServer } from './known-server.conformance.ts'

const EVENTS = 350
/** While the server's code is still cold. */
const SKIPPED = 50
const SPACING_MS = 5

/**
 * The time from a publish's write until the server has read it, and from the server's write until a
 * client has read it: both hops, the waking of either process included, milliseconds in ascending order. A
 * client that waits for a processor measures that as well: let it go first. It warms the server up.
 */
export async function measureLoopback(server: KnownServer): Promise<readonly number[]> {
  const subscriber = await request(server.port, 'GET /sse/loopback')
  const publisher = connect(server.port, '127.0.0.1').setNoDelay(true)
  await once(publisher, 'connect')
  publisher.resume()
  const [sentAtNs, arrivedAtNs]: [number[], number[]] = [[], []]
  for (let event = 0; event < EVENTS; event++) {
    const arrival = once(subscriber, 'data').then(() => arrivedAtNs.push(nowNs()))
    sentAtNs.push(nowNs())
    publisher.write('POST /publish/loopback HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx')
    await arrival
    await sleep(SPACING_MS)
  }
  subscriber.destroy()
  publisher.destroy()
  const served = await server.take()
  return served
    .map(({ readAtNs, writtenAtNs }, event) => {
      const thereNs = readAtNs - (sentAtNs[event] as number)
      return (thereNs + (arrivedAtNs[event] as number) - writtenAtNs) / NS_PER_MS
    })
    .slice(SKIPPED)
    .sort((a, b) => a - b)
}

/** A connection on which the first bytes of an answer have come. */
async function request(port: number, what: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${what} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(socket, 'data')
  return socket
}
