/** A repository with two revisions of a server, for the end-to-end tests of `rtbench ci --against`. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Ended, folder, run } from '../command.conformance.ts'
import { root } from '../root.conformance.ts'

/** Where the worktrees are. */
export const temporary = join(folder, 'tmp')
mkdirSync(temporary)

export function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost']
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' })
}

/** The server's flags are what is in a file of the repository. */
export const SERVE = `node ${join(root, 'bin', 'rtbench.js')} serve --port {port} $(cat flags)`

writeFileSync(join(folder, '.gitignore'), '*\n!flags\n')
writeFileSync(join(folder, 'flags'), '')
git('init', '--quiet', '--initial-branch', 'main')
git('add', '--force', '.gitignore', 'flags')
git('commit', '--quiet', '--message', 'fast')
writeFileSync(
  join(folder, 'short.yaml'),
  `transport: websocket
clients: 10
channels: broadcast
rate: 20
arrivals: constant
warmup: 200ms
duration: 1s
seed: 1
`,
)

export const environment = { TMPDIR: temporary }

export function ci(context: TestContext, ...flags: readonly string[]): Promise<Ended> {
  return run(context, ['ci', 'short.yaml', '--quiet', ...flags], environment)
}

export function assertNothingLeft(): void {
  assert.deepEqual(readdirSync(temporary), [])
  assert.equal(git('worktree', 'list').trim().split('\n').length, 1)
}
