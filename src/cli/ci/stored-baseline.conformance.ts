/** Gates a small scenario against stored baselines, for the end-to-end tests of `rtbench ci`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Ended, folder, run, start } from '../command.conformance.ts'

/** A scenario of a second or two. Counts need one short run; statistics need 5, and long enough ones. */
export function writeShort(repeat: 1 | 5): void {
  writeFileSync(
    join(folder, 'short.yaml'),
    `transport: sse
clients: 10
channels: broadcast
rate: 20
arrivals: constant
warmup: 200ms
duration: ${repeat === 1 ? '500ms' : '1s'}
repeat: ${repeat}
seed: 1
threshold: [lost==0]
`,
  )
}

export async function serve(context: TestContext, ...flags: readonly string[]): Promise<string> {
  const server = start(context, ['serve', '--port', '0', ...flags])
  const [, url = ''] = await server.says(/on (http:\S+?):? /)
  return url.replace(/:$/, '')
}

export function ci(
  context: TestContext,
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return run(context, ['ci', 'short.yaml', '--quiet', ...flags], environment)
}

/** Again where the machine had no time for it: nothing is judged then. */
export async function believable(measure: () => Promise<Ended>): Promise<Ended> {
  for (let attempt = 1; ; attempt++) {
    const ended = await measure()
    if (ended.code !== 4 || attempt === 3) return ended
  }
}

/** Once, and whether the machine had the time for it or not. */
export const ONCE = ['--only', 'deterministic']
