import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { documentSchema } from './document.ts'
import { parseOpenFilesLimit, readEnvironment } from './environment.ts'

test('describes this machine in the shape of the document', async () => {
  const environment = await readEnvironment()
  assert.doesNotThrow(() => documentSchema.shape.environment.parse(environment))
  assert.equal(environment.node, process.versions.node)
  assert.ok(environment.memoryBytes > 0)
  if (process.platform === 'linux') assert.ok((environment.openFilesLimit ?? 0) > 0)
})

test('reads the soft limit of open files', () => {
  const line = 'Max open files            1024                 524288               files     \n'
  assert.equal(parseOpenFilesLimit(`Max processes   9   9\n${line}`), 1024)
  assert.equal(parseOpenFilesLimit('Max open files   unlimited   unlimited   files'), null)
  assert.equal(parseOpenFilesLimit(''), null)
})

test('has no commit outside a repository, in an empty one and in no folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-environment-'))
  t.after(() => rm(folder, { recursive: true }))
  assert.equal((await readEnvironment(folder)).commit, null)
  assert.equal((await readEnvironment(join(folder, 'missing'))).commit, null)
})

test('has the short commit of a repository', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-environment-'))
  t.after(() => rm(folder, { recursive: true }))
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    git('init')
    git('commit', '--allow-empty', '--no-verify', '--no-gpg-sign', '-m', 'first')
  } catch {
    t.skip('git is not there')
    return
  }
  const { commit } = await readEnvironment(folder)
  assert.match(commit ?? '', /^[0-9a-f]{7,}$/)
  assert.ok(git('rev-parse', 'HEAD').startsWith(commit ?? '-'))
})
