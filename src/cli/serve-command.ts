import { RtbenchError } from '../error.ts'
import { isLoopback } from '../experiment/plan.ts'
import { startServer } from '../server/reference-server.ts'
import { ExitCode } from './exit-code.ts'
import { describeFaults } from './fault-spec.ts'
import { type ServeOptions, serverOptions } from './serve-options.ts'

/** Serves until SIGINT or SIGTERM, then drains. */
export async function serveCommand(options: ServeOptions): Promise<ExitCode> {
  const settings = serverOptions(options, process.env)
  const server = await startServer(settings).catch((error: NodeJS.ErrnoException) => {
    const hint = error.code === 'EADDRINUSE' ? '; choose another --port' : ''
    const where = `${inUrl(settings.host)}:${settings.port}`
    throw new RtbenchError('cannot-run', `cannot listen on ${where} (${error.code})${hint}`, error)
  })
  process.stderr.write(
    `rtbench serves on http://${inUrl(settings.host)}:${server.port}: ${server.routes.join(', ')}\n`,
  )
  const { faults } = settings
  if (faults !== null) {
    process.stderr.write(`rtbench misbehaves on purpose: ${describeFaults(faults)}\n`)
  }
  if (!isOwn(settings.host) && settings.token === null) {
    process.stderr.write('rtbench: anybody who reaches this address may publish; set --token\n')
  }
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.drain()
  return ExitCode.done
}

/** An IPv6 address has brackets in a URL. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function isOwn(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}
