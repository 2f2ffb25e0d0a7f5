/** The rooms of the house, from the ground up, and what each may import: nothing that is not said here. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { root } from './cli/root.conformance.ts'

/** What lies in no room is what any of them may use. */
const ROOMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['measure', []],
  ['figures', []],
  ['wire', []],
  ['backplane', ['measure']],
  ['balancer', []],
  ['via', ['balancer']],
  ['forwarder', []],
  ['scenario', ['figures', 'backplane', 'balancer', 'via']],
  ['result', ['scenario']],
  ['history', ['measure', 'result']],
  ['transports', ['measure', 'scenario', 'result', 'wire']],
  ['server', ['measure', 'wire', 'backplane', 'forwarder', 'transports']],
  ['swarm', ['measure', 'scenario', 'result', 'history', 'wire', 'transports']],
  [
    'experiment',
    [
      ...['measure', 'balancer', 'via', 'forwarder', 'scenario', 'result', 'history', 'wire'],
      ...['transports', 'server', 'swarm'],
    ],
  ],
  ['compare', ['measure', 'figures', 'scenario', 'result']],
  ['report', ['measure', 'figures', 'scenario', 'result', 'transports', 'compare', 'swarm']],
  ['capacity', ['measure', 'scenario', 'result', 'swarm', 'experiment', 'compare', 'report']],
  ['tax', ['measure', 'scenario', 'result', 'experiment', 'report']],
  ['advice', ['measure', 'scenario', 'result', 'transports', 'compare', 'report', 'tax']],
  ['gate', ['measure', 'scenario', 'result', 'experiment', 'compare', 'report']],
  ['discovery', []],
  ['doctor', ['measure', 'scenario', 'result', 'swarm', 'report', 'capacity']],
  [
    'probe',
    [...['balancer', 'scenario', 'wire', 'transports', 'server', 'experiment', 'report'], 'doctor'],
  ],
  ['api', ['scenario', 'result', 'experiment', 'compare']],
  [
    'cli',
    [
      ...['scenario', 'result', 'history', 'backplane', 'transports', 'server', 'experiment'],
      ...['compare', 'report', 'advice', 'capacity', 'gate', 'tax', 'discovery', 'doctor', 'probe'],
    ],
  ],
])

const PRODUCT = /^(?!.*\.(?:test|conformance)\.ts$).*\.ts$/
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  PRODUCT.test(file),
)
/** Files that each imports, types included. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  files.map((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    const paths = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)'/g)]
    return [file, paths.map(([, path = '']) => normalize(join(dirname(file), path)))]
  }),
)

function roomOf(file: string): string | null {
  return file.includes('/') ? (file.split('/')[0] as string) : null
}

test('a room imports only what it says', () => {
  for (const [file, targets] of imports) {
    const room = roomOf(file)
    if (room === null) continue
    const allowed = ROOMS.get(room) ?? assert.fail(`src/${room} is no room of the house yet`)
    for (const target of targets) {
      const other = roomOf(target)
      const isFree = other === room || (other === null && target !== 'index.ts')
      assert.ok(isFree || allowed.includes(other ?? ''), `${file} may not import ${target}`)
    }
  }
})

test('lines for a person go to stderr in one place, where they are made harmless', () => {
  for (const file of files) {
    const writes = /\bstderr\.write\(|console\./.test(readFileSync(join(root, 'src', file), 'utf8'))
    assert.equal(writes, file === 'tell.ts', file)
  }
})

test('what a room says is needed', () => {
  for (const [room, allowed] of ROOMS) {
    const used = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => imports.get(file) ?? [])
    for (const other of allowed) {
      assert.ok(
        used.some((target) => roomOf(target) === other),
        `${room} imports nothing of ${other}`,
      )
    }
  }
})

test('no file leads back to itself', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    assert.equal(at, -1, `a circle: ${[...path.slice(at), file].join(' → ')}`)
    if (done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
})
