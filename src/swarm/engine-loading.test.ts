/** What a worker has in its memory by what it was told to run on. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { extname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const extension = extname(fileURLToPath(import.meta.url))
const module = (path: string): string =>
  JSON.stringify(new URL(`${path}${extension}`, import.meta.url).href)

/** The packages that a process has loaded after it has run a program. */
function packagesAfter(program: string): ReadonlySet<string> {
  const listing = `
    const { default: { _cache } } = await import('node:module')
    const names = Object.keys(_cache).map((file) => /node_modules[\\\\/](?:(@[^\\\\/]+[\\\\/])?)([^\\\\/]+)/.exec(file)?.[2])
    process.stdout.write(JSON.stringify(names))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, '--input-type=module', '--eval', `${program};${listing}`],
    { encoding: 'utf8' },
  )
  assert.notEqual(stdout, '', stderr)
  return new Set(JSON.parse(stdout) as string[])
}

test('a worker on the lean engine loads no client library', () => {
  const lean = packagesAfter(
    `await import(${module('shard')}); await import(${module('../transports/registry')})`,
  )
  assert.deepEqual([lean.has('undici'), lean.has('ws')], [false, false])
})

test('one on the library engine loads its own', () => {
  const load = (name: string): ReadonlySet<string> =>
    packagesAfter(
      `const { transportNamed } = await import(${module('../transports/registry')})
       await transportNamed('${name}').openWithLibrary()`,
    )
  assert.ok(load('sse').has('undici'))
  const websocket = load('websocket')
  assert.deepEqual([websocket.has('ws'), websocket.has('undici')], [true, false])
})
