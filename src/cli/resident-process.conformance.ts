/** The process in which `runResident` has the command line, one invocation after the other. */
import { join } from 'node:path'
import type { Ended } from './command.conformance.ts'
import { main } from './main.ts'
import { root } from './root.conformance.ts'

/** What is to be run. */
export interface Asked {
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

process.on('message', async (asked: Asked) => {
  process.send?.(await answer(asked))
})

async function answer({ args, environment }: Asked): Promise<Ended> {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      const written = rest.at(-1)
      if (typeof written === 'function') written()
      return true
    }
  }
  Object.assign(process.env, environment)
  process.exitCode = undefined
  await main([process.execPath, join(root, 'bin', 'rtbench.js'), ...args])
  const code = Number(process.exitCode ?? 0)
  for (const name of Object.keys(environment)) delete process.env[name]
  // What it listens to for its whole life, which is over.
  process.removeAllListeners('uncaughtException')
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error')
  return { code, ...said }
}
