/**
 * The command line many times in one process, for what refuses or only reads: each start of the program
 * takes longer than that. This module is that process's, too.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Ended, folder } from './command.conformance.ts'
import type { Asked } from './resident-process.conformance.ts'

const path = fileURLToPath(new URL('resident-process.conformance.js', import.meta.url))
let resident: ChildProcess | null = null
let before: Promise<unknown> = Promise.resolve()

/** Runs the command in the test's folder as `run` does, after what was asked for before. */
export function runResident(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const ended = before.then(() => ask({ args, environment }))
  before = ended.catch(() => {})
  return ended
}

function ask(asked: Asked): Promise<Ended> {
  resident ??= fork(path, [], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const child = resident
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      resident = null
      reject(new Error(`${asked.args.join(' ')}: ended the process, exit code ${code}`))
    }
    child.once('exit', onExit)
    child.once('message', (ended) => {
      child.off('exit', onExit)
      resolve(ended as Ended)
    })
    child.send(asked)
  })
}

after(() => resident?.kill('SIGKILL'))
