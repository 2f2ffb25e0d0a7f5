import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import type { Measurement } from '../experiment/series.ts'
import type { Run } from '../result/document.ts'
import { Shell } from './shell.ts'

/** How long a server may take until it listens. */
const START_MS = 30_000
const STEP_MS = 50
const LOOPBACKS = ['127.0.0.1', '::1'] as const

/** A server that a command started. */
export interface Served {
  /** `http://127.0.0.1:41003`, with a path where the scenario's URL has one. */
  readonly url: string
  readonly shell: Shell
}

/**
 * Starts a server on a free port and waits until it listens.
 * @param command `{port}` in it is the port, which is in the variable PORT as well
 * @param path of the URL to be measured
 * @throws RtbenchError `cannot-run`
 */
export async function startServed(
  command: string,
  folder: string,
  path: string,
  signal: AbortSignal,
): Promise<Served> {
  const port = await freePort()
  const line = command.replaceAll('{port}', String(port))
  const shell = new Shell(line, folder, { ...process.env, PORT: String(port) })
  const fail = async (problem: string): Promise<never> => {
    await shell.stop()
    throw new RtbenchError('cannot-run', `--serve: ${line} ${problem}${shell.lastWords}`)
  }
  const untilMs = performance.now() + START_MS
  for (;;) {
    for (const host of LOOPBACKS) {
      if (await answers(host, port)) {
        const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
        return { url: `http://${authority}${path}`, shell }
      }
    }
    if (signal.aborted) return fail('was stopped before it listened')
    if (shell.end !== null) return fail(`ended before it listened on port ${port} (${shell.end})`)
    if (performance.now() > untilMs) {
      return fail(
        `does not listen on port ${port} after ${START_MS / 1000} s; the port is {port} in the command, and PORT among its variables`,
      )
    }
    await sleep(STEP_MS)
  }
}

/** Free a moment ago: nobody else is likely to be given it meanwhile. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      reject(new RtbenchError('cannot-run', `--serve: no port (${error.message})`, error))
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new RtbenchError('cannot-run', '--serve: there is no free port'))
      })
    })
  })
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

/** What is known of a server that ended while it was measured: `the server of main ended (exit code 3)`. */
export function serverExitOf(side: string, end: string, lastLine: string): string {
  const said = lastLine === '' ? ', without a word' : `; it said last: ${lastLine}`
  return `the server of ${side} ended (${end})${said}`
}

/** The measurement with what became of its server, wherever it says that something failed. */
export function withServerExit<Measured extends Measurement>(
  measurement: Measured,
  serverExit: string,
): Measured {
  const { runs, missing, failure } = measurement
  return {
    ...measurement,
    runs: runs.map((run) => explainedRun(run, serverExit)),
    missing: missing.map((one) => ({ ...one, reason: `${one.reason}; ${serverExit}` })),
    failure: failure === null ? null : explainedError(failure, serverExit),
  }
}

export function explainedError(error: Error, serverExit: string): Error {
  if (!(error instanceof RtbenchError)) return error
  return new RtbenchError(error.code, `${error.message}; ${serverExit}`, error)
}

/** By the reason that tells of the server's end, or else the first that spoils the run. */
function explainedRun(run: Run, serverExit: string): Run {
  const { reasons } = run.validity
  const spoiling = reasons.filter(({ severity }) => severity === 'invalid')
  const explained = spoiling.find(({ code }) => code === 'server-lost') ?? spoiling[0]
  return {
    ...run,
    validity: {
      ...run.validity,
      reasons: reasons.map((reason) =>
        reason === explained ? { ...reason, message: `${reason.message}; ${serverExit}` } : reason,
      ),
    },
  }
}
