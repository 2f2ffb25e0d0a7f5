import { connect } from 'node:net'
import { causeOf } from './linked.ts'

const PORT = 4222
/** A server sends its INFO as soon as it has accepted, whatever comes then (NATS client protocol). */
const GREETING = 'INFO '
const GREETING_MS = 2_000

/**
 * Those of the servers that greet as NATS does. The library waits without end for the greeting of one that has
 * accepted and says nothing, and keeps its process alive with it. Rejects with the cause of the first one where none does.
 * @param servers `HOST` or `HOST:PORT`
 */
export async function greetingServers(servers: readonly string[]): Promise<string[]> {
  const causes = await Promise.all(servers.map(causeAgainst))
  const greeting = servers.filter((_, at) => causes[at] === null)
  if (greeting.length === 0) throw new Error(causes[0] ?? 'there is none')
  return greeting
}

/** Why a server is none of NATS; null where it is one. */
function causeAgainst(server: string): Promise<string | null> {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(server) ?? []
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? PORT) })
  return new Promise((resolve) => {
    let said = ''
    const settle = (cause: string | null): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(cause)
    }
    const silent = `what listens there says nothing for ${GREETING_MS / 1_000} s`
    const timer = setTimeout(() => settle(silent), GREETING_MS)
    socket.setEncoding('latin1').on('data', (text: string) => {
      said += text
      if (said.startsWith(GREETING)) settle(null)
      else if (said.length >= GREETING.length) settle('what listens there is something else')
    })
    socket.once('error', (error) => settle(causeOf(error)))
    socket.once('close', () => settle('it closed the connection'))
  })
}
