import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import { sampleResult, sampleRun } from './sample.conformance.ts'
import { readResult, resultBaseName, saveResult, serialiseResult } from './store.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtbench-store-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RtbenchError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, message)
  assert.doesNotMatch(error.message, /\n/)
  return true
}

test('names a result by its time and scenario, safe for file systems', () => {
  const at = '2026-11-22T10:49:36.123Z'
  assert.equal(resultBaseName('sse-10000', at), '2026-11-22T10-49-36Z-sse-10000')
  assert.equal(resultBaseName('../../etc/passwd', at), '2026-11-22T10-49-36Z-etc-passwd')
  assert.equal(resultBaseName('a b:c|"d"\n', at), '2026-11-22T10-49-36Z-a-b-c-d')
  assert.equal(resultBaseName('…', at), '2026-11-22T10-49-36Z')
  assert.ok(resultBaseName('x'.repeat(999), at).length < 200)
})

test('stores a result with its renderings and reads it back', async () => {
  const result = sampleResult()
  const paths = await saveResult(join(folder, 'saved'), result, (base) => [
    { extension: 'md', text: `# ${base}` },
  ])
  assert.deepEqual(
    paths.map((path) => path.slice(path.lastIndexOf('.'))),
    ['.json', '.md'],
  )
  assert.deepEqual(await readResult(String(paths[0])), result)
})

test('has the document on the disk whatever becomes of its renderings', async () => {
  const place = join(folder, 'unrendered')
  const broken = (): never => {
    throw new TypeError('no such figure')
  }
  await assert.rejects(
    saveResult(place, sampleResult(), broken),
    fails('not-written', /the document is saved, but cannot be rendered \(no such figure\)$/),
  )
  const [name = ''] = readdirSync(place)
  assert.deepEqual(await readResult(join(place, name)), sampleResult())
})

test('replaces the files of its own invocation and never those of another', async () => {
  const place = join(folder, 'twice')
  const first = sampleResult({ runs: [sampleRun('sse')] })
  const [path] = await saveResult(place, first)
  assert.deepEqual(await saveResult(place, sampleResult()), [path])

  const { environment } = sampleResult()
  const other = sampleResult({
    environment: { ...environment, startedAt: '2026-11-22T10:49:36.777Z' },
  })
  const [second] = await saveResult(place, other)
  assert.match(String(second), /-2\.json$/)
  assert.deepEqual(await readResult(String(path)), sampleResult())
})

test('does not store figures that JSON cannot carry', async () => {
  const run = sampleRun('sse')
  const result = sampleResult({
    runs: [{ ...run, latency: { ...run.latency, meanUs: Number.NaN } }],
  })
  await assert.rejects(
    saveResult(join(folder, 'nan'), result),
    fails('not-written', /runs\[0\]\.latency\.meanUs/),
  )
})

test('refuses what is not a result, in one line', async (t) => {
  const good = serialiseResult(sampleResult())
  const cases: [string, string | Buffer, RegExp][] = [
    ['empty', '', /empty/],
    ['blank', ' \n', /truncated or not JSON/],
    ['half', good.slice(0, good.length / 2), /truncated or not JSON/],
    ['text', 'hello\nworld', /truncated or not JSON/],
    ['foreign', '{"name":"some-package","version":"1.0.0"}', /no schemaVersion/],
    ['null', 'null', /no schemaVersion/],
    ['array', '[1]', /no schemaVersion/],
    ['version', good.replace('"schemaVersion": 1', '"schemaVersion": 2'), /schemaVersion is 2/],
    ['shell', '{"schemaVersion":1}', /tool: expected object/],
    ['nan', good.replace('"meanUs": 553300', '"meanUs": NaN'), /truncated or not JSON/],
    ['infinite', good.replace('"meanUs": 553300', '"meanUs": 1e999'), /runs\[0\]\.latency\.meanUs/],
    ['encoding', Buffer.from([0x7b, 0xff, 0x7d]), /not UTF-8/],
  ]
  for (const [name, content, message] of cases) {
    await t.test(name, async () => {
      const path = join(folder, `bad-${name}.json`)
      await writeFile(path, content)
      await assert.rejects(readResult(path), fails('bad-result', message))
    })
  }
})

test('refuses what is missing, a folder and what is huge', async () => {
  await assert.rejects(readResult(join(folder, 'no\nwhere')), fails('bad-result', /no such file/))
  await assert.rejects(readResult(folder), fails('bad-result', /not a file/))
  await assert.rejects(readResult('/a\0b'), fails('bad-result', /cannot be read/))
  const huge = join(folder, 'huge.json')
  await writeFile(huge, '{')
  // Sparse: it takes no room on the disk.
  await truncate(huge, 513 * 1024 * 1024)
  await assert.rejects(readResult(huge), fails('bad-result', /512 MiB/))
})

test('any truncation is refused, and any changed byte too, save where it changes nothing', async () => {
  const stored = sampleResult({ runs: [sampleRun('sse')] })
  const good = Buffer.from(serialiseResult(stored))
  const path = join(folder, 'damaged.json')
  const readsOrRefuses = async (bytes: Buffer): Promise<void> => {
    await writeFile(path, bytes)
    const read = await readResult(path).catch((error: unknown) => {
      fails('bad-result', /^\S.*: ./)(error)
      return null
    })
    // What is left to change is white space, and the name of the digest's key.
    if (read !== null) assert.deepEqual({ ...read, ...stored }, read)
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 3), async (length) => {
      await writeFile(path, good.subarray(0, length))
      await assert.rejects(readResult(path), fails('bad-result', /./))
    }),
    { numRuns: 100 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const bytes = Buffer.from(good)
        bytes[at] = (bytes[at] ?? 0) ^ bits
        await readsOrRefuses(bytes)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('tells a changed figure from a stored one, and reads what never had a digest', async () => {
  const path = join(folder, 'changed.json')
  const text = serialiseResult(sampleResult())
  await writeFile(path, text.replace('"p50Us": 3080', '"p50Us": 3081'))
  await assert.rejects(
    readResult(path),
    fails('bad-result', /changed\.json: damaged: .*integrity.*restore the file or measure again/),
  )
  await writeFile(path, text.replace(/,\s*"integrity": "[^"]*"/, ''))
  assert.deepEqual(await readResult(path), sampleResult())
  // Where no digest tells it, a figure that cannot be does.
  for (const key of ['p50Us', 'slipP99Us', 'maxUs']) {
    const [, figure = ''] = text.match(new RegExp(`"${key}": (\\d+)`)) ?? []
    const edited = text.replace(`"${key}": ${figure}`, `"${key}": -5`)
    await writeFile(path, edited.replace(/,\s*"integrity": "[^"]*"/, ''))
    await assert.rejects(
      readResult(path),
      fails('bad-result', new RegExp(`${key}: expected number to be >=0`)),
    )
  }
  await writeFile(path, JSON.stringify(JSON.parse(text)))
  assert.deepEqual(await readResult(path), sampleResult())
  // Once parsed and stored again, the old digest is no part of it.
  await writeFile(path, serialiseResult(JSON.parse(text)))
  assert.deepEqual(await readResult(path), sampleResult())
})
