import { RtbenchError } from '../error.ts'
import { shownUrl } from './bus-url.ts'

export interface KafkaAddress {
  /** Any of the cluster's brokers, the first that answers tells of the others. */
  readonly brokers: readonly { readonly host: string; readonly port: number }[]
  /** For SASL/PLAIN. */
  readonly login: { readonly username: string; readonly password: string } | null
  readonly isEncrypted: boolean
}

const DEFAULT_PORT = 9092
const FORM =
  'kafka://host:port, several by commas, user:password@ before them, ?tls=true after them'

/**
 * Reads `kafka://user:password@host:port,host:port/?tls=true`.
 * @throws RtbenchError `cannot-run`, with the password starred
 */
export function parseKafkaUrl(url: string): KafkaAddress {
  const refuse = (problem: string): RtbenchError =>
    new RtbenchError('cannot-run', `--backplane ${shownUrl(url)}: ${problem}; expected ${FORM}`)
  const parts = /^kafka:\/\/(?:(?<login>.*)@)?(?<brokers>[^/?#@]+)\/?(?:\?(?<query>[^#]*))?$/i.exec(
    url,
  )
  if (parts?.groups === undefined) throw refuse('is no address of Kafka brokers')
  const { login, brokers = '', query = '' } = parts.groups
  let isEncrypted = false
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'tls') throw refuse(`has the parameter ${name}, and there is none but tls`)
    if (value !== 'true' && value !== 'false') throw refuse('tls is neither true nor false')
    isEncrypted = value === 'true'
  }
  return {
    brokers: brokers.split(',').map((broker) => {
      const { host, port } =
        /^(?<host>\[[\da-f:]+\]|[^:[\]\s]+)(?::(?<port>\d+))?$/i.exec(broker)?.groups ?? {}
      const portNumber = port === undefined ? DEFAULT_PORT : Number(port)
      if (host === undefined || portNumber < 1 || portNumber > 65_535) {
        throw refuse('has a broker that is no host:port')
      }
      return { host: host.replace(/^\[(.*)\]$/, '$1'), port: portNumber }
    }),
    login: login === undefined ? null : parseLogin(login, refuse),
    isEncrypted,
  }
}

function parseLogin(login: string, refuse: (problem: string) => RtbenchError) {
  const [username = '', ...rest] = login.split(':')
  if (username === '' || rest.length === 0)
    throw refuse('says who logs in by something else than user:password')
  try {
    return {
      username: decodeURIComponent(username),
      password: decodeURIComponent(rest.join(':')),
    }
  } catch {
    throw refuse('has a % in user or password that is not %25')
  }
}
