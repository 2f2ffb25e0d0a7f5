/** What a server offers beside its answers: versions of HTTP, tunnels, and how many connections it takes at once. */
import { request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import type { Target } from '../transports/transport.ts'
import { originOf } from '../wire/socket.ts'
import { type Answer, pause, serverNameOf } from './listening.ts'
import type { Speech } from './speech.ts'

const PATIENCE_MS = 3_000

export interface Offered {
  /** `http/1.1`, `h2`; over plain TCP `h2c`, spoken without being asked for. */
  readonly versions: readonly string[]
  /** WebSocket over HTTP/2 (RFC 8441); null where there is no HTTP/2. */
  readonly extendedConnect: boolean | null
  /** What a CONNECT to the server itself was answered; null where there was no answer. */
  readonly connectStatus: number | null
}

export async function readOffered(target: Target): Promise<Offered> {
  const [oldest, two, connectStatus] = await Promise.all([
    target.secure ? chooses(target, 'http/1.1') : true,
    http2Of(target),
    connectStatusOf(target),
  ])
  const newer = two === null ? [] : [target.secure ? 'h2' : 'h2c']
  return {
    versions: [...(oldest ? ['http/1.1'] : []), ...newer],
    extendedConnect: two,
    connectStatus,
  }
}

/** Whether a protocol that is offered alone is taken, by ALPN (RFC 7301). */
function chooses({ host, port, authority }: Target, protocol: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({
      ...{ host, port, ALPNProtocols: [protocol], timeout: PATIENCE_MS },
      ...serverNameOf(authority),
      // Who it is, the requests beside this one look at.
      rejectUnauthorized: false,
    })
    socket.once('secureConnect', () => {
      // A server that knows of no ALPN speaks HTTP/1.1.
      resolve((socket.alpnProtocol || 'http/1.1') === protocol)
      socket.destroy()
    })
    socket.once('timeout', () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => resolve(false))
  })
}

/** Whether there is HTTP/2, and then whether it takes WebSockets; null where there is none. */
async function http2Of(target: Target): Promise<boolean | null> {
  if (target.secure && !(await chooses(target, 'h2'))) return null
  return new Promise((resolve) => {
    const session = connectHttp2(originOf(target), {
      ...serverNameOf(target.authority),
      rejectUnauthorized: false,
    })
    const timer = setTimeout(() => session.destroy(), PATIENCE_MS)
    session.once('remoteSettings', ({ enableConnectProtocol = false }) => {
      resolve(enableConnectProtocol)
      session.destroy()
    })
    session.on('error', () => {})
    session.once('close', () => {
      clearTimeout(timer)
      resolve(null)
    })
  })
}

/** A CONNECT as a client sends one to a forward proxy. */
function connectStatusOf({ host, port, authority, secure }: Target): Promise<number | null> {
  if (secure) return Promise.resolve(null)
  return new Promise((resolve) => {
    const to = authority.includes(':') ? authority : `${authority}:80`
    const headers = { Host: to }
    const asked = httpRequest({
      ...{ host, port, method: 'CONNECT', path: to, headers },
      ...{ agent: false, timeout: PATIENCE_MS },
    })
    asked.once('connect', ({ statusCode = null }, socket) => {
      socket.destroy()
      resolve(statusCode)
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(null))
    asked.end()
  })
}

/** Of so many connections that are held at once, those that were heard of. */
export async function heldAtOnce(
  speech: Speech,
  count: number,
  channel: string,
): Promise<number | null> {
  const technique = speech.speaks('long-poll') ? 'long-poll' : speech.speaks('sse') ? 'sse' : null
  if (technique === null) return null
  const holdMs = 4 * PATIENCE_MS
  const first = technique === 'sse' ? null : speech.poll(technique, channel)
  await first?.waitFor(() => first.endedAtMs !== null, PATIENCE_MS)
  const cursor = first === null ? undefined : speech.cursorOf(technique, first)
  first?.close()
  const open = (): Answer =>
    technique === 'sse' ? speech.stream(channel) : speech.poll(technique, channel, cursor, holdMs)
  const all = Array.from({ length: count }, open)
  try {
    await pause(PATIENCE_MS / 3)
    const token = `rtbench_${channel}_held`
    await speech.publish(channel, token)
    const heard = (): number => all.filter(({ text }) => text.includes(token)).length
    const untilMs = performance.now() + PATIENCE_MS
    while (heard() < count && performance.now() < untilMs) await pause(PATIENCE_MS / 30)
    return heard()
  } finally {
    for (const one of all) one.close()
  }
}
