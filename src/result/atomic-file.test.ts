import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { RtbenchError } from '../error.ts'
import { writeAllAtomically, writeAtomically } from './atomic-file.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtbench-atomic-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RtbenchError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, message)
  assert.doesNotMatch(error.message, /\n/)
  return true
}

test('writes into a new folder, replaces a file and leaves no temporary one', async () => {
  const path = join(folder, 'new', 'deep', 'a.txt')
  await writeAtomically(path, 'first')
  await writeAtomically(path, 'second')
  assert.equal(await readFile(path, 'utf8'), 'second')
  assert.deepEqual(await readdir(join(folder, 'new', 'deep')), ['a.txt'])
})

test('says why it cannot write, and leaves nothing behind', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, 'old')
  await assert.rejects(writeAtomically(join(file, 'x.json'), ''), fails('not-written', /is a file/))
  assert.equal(await readFile(file, 'utf8'), 'old')

  const place = join(folder, 'taken', 'by-a-folder')
  await mkdir(join(place, 'full'), { recursive: true })
  await assert.rejects(writeAtomically(place, 'x'), fails('not-written', /not written/))
  assert.deepEqual(await readdir(join(folder, 'taken')), ['by-a-folder'])
})

test('says so where a file system takes no folders', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('there is no /proc')
    return
  }
  await assert.rejects(writeAtomically('/proc/new/x.json', ''), fails('not-written', /--out/))
})

test('two writers may make the same folder at once', async () => {
  const place = join(folder, 'raced', 'deep', 'deeper')
  await Promise.all(['a', 'b', 'c'].map((name) => writeAtomically(join(place, name), name)))
  assert.deepEqual((await readdir(place)).sort(), ['a', 'b', 'c'])
})

test('keeps the old file where the folder cannot be written', async (t) => {
  if (process.getuid?.() === 0 || process.platform === 'win32') {
    t.skip('nothing is forbidden here')
    return
  }
  const locked = join(folder, 'locked')
  await writeAtomically(join(locked, 'a.json'), 'old')
  await chmod(locked, 0o555)
  await assert.rejects(
    writeAtomically(join(locked, 'a.json'), 'new'),
    fails('not-written', /--out/),
  )
  await chmod(locked, 0o755)
  assert.equal(await readFile(join(locked, 'a.json'), 'utf8'), 'old')
})

test('of several files none is written where one cannot be', async () => {
  const place = join(folder, 'several')
  await mkdir(join(place, 'folder', 'own'), { recursive: true })
  await writeFile(join(place, 'file'), 'own')
  const fine = { path: join(place, 'made', 'deep', 'a'), text: 'a' }
  for (const [path, why] of [
    [join(place, 'file', 'b'), /file\/b: not written: a part of its path is a file; elsewhere$/],
    [join(place, 'folder'), /folder: not written: a folder is in its place; elsewhere$/],
  ] as const) {
    const files = [fine, { path, text: 'b' }]
    await assert.rejects(writeAllAtomically(files, 'elsewhere'), fails('not-written', why))
    assert.deepEqual((await readdir(place)).sort(), ['file', 'folder'])
  }
})

test('tells which files are written where the last step fails', async () => {
  const place = join(folder, 'halfway')
  // The second is where the third makes a folder.
  const files = ['a', 'b', 'b/c'].map((name) => ({ path: join(place, name), text: name }))
  await assert.rejects(
    writeAllAtomically(files, 'elsewhere'),
    fails('not-written', /b: not written: .* elsewhere; \S+halfway\/a was written before it$/),
  )
  assert.deepEqual(await readdir(place), ['a'])
})
