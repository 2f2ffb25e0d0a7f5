import { RtbenchError } from '../error.ts'
import { isRefusal, parseCount, parseDuration, type Refusal } from '../scenario/units.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_SERVER_OPTIONS,
  type ServerOptions,
  startServer,
} from '../server/reference-server.ts'
import { ExitCode } from './exit-code.ts'
import { isLoopback } from './target.ts'

export interface ServeOptions {
  readonly host?: string
  readonly port?: string
  readonly token?: string
  readonly allowOrigin?: readonly string[]
  readonly logSize?: string
  readonly hold?: string
  readonly heartbeat?: string
}

/** Serves until SIGINT or SIGTERM, then drains. */
export async function serveCommand(options: ServeOptions): Promise<ExitCode> {
  const settings = serverOptions(options, process.env)
  const server = await startServer(settings).catch((error: NodeJS.ErrnoException) => {
    const hint = error.code === 'EADDRINUSE' ? '; choose another --port' : ''
    const where = `${settings.host}:${settings.port}`
    throw new RtbenchError('cannot-run', `cannot listen on ${where} (${error.code})${hint}`, error)
  })
  process.stderr.write(
    `rtbench serves on http://${settings.host}:${server.port}: /poll /long-poll /sse /ws, POST /publish, /stats, /ready\n`,
  )
  if (!isLoopback(settings.host) && settings.token === null) {
    process.stderr.write('rtbench: anybody who reaches this address may publish; set --token\n')
  }
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.drain()
  return ExitCode.done
}

function serverOptions(options: ServeOptions, environment: NodeJS.ProcessEnv): ServerOptions {
  const { hold, heartbeat } = options
  const token = options.token ?? environment['RTBENCH_TOKEN'] ?? ''
  return {
    host: options.host ?? DEFAULT_SERVER_OPTIONS.host,
    port: read('--port', options.port ?? '8080', portNumber),
    token: token === '' ? null : token,
    origins: options.allowOrigin ?? [],
    logSize:
      options.logSize === undefined
        ? DEFAULT_SERVER_OPTIONS.logSize
        : read('--log-size', options.logSize, parseCount),
    limits: {
      ...DEFAULT_LIMITS,
      ...(hold === undefined ? {} : { holdMs: read('--hold', hold, parseDuration) }),
      ...(heartbeat === undefined ? {} : heartbeats(read('--heartbeat', heartbeat, parseDuration))),
    },
  }
}

function heartbeats(ms: number): { heartbeatMs: number; pingMs: number } {
  return { heartbeatMs: ms, pingMs: ms }
}

function portNumber(text: string): number | Refusal {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : { problem: 'is no port; expected 0 to 65535' }
}

function read(flag: string, text: string, parse: (text: string) => number | Refusal): number {
  const value = parse(text)
  if (isRefusal(value)) throw new RtbenchError('usage', `${flag}: ${text} ${value.problem}`)
  return value
}
