import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { documentOf } from '../../experiment/experiment.ts'
import { type Baselines, readBaselines } from '../../gate/baseline.ts'
import type { Case } from '../../gate/revision.ts'
import { sampleResult, sampleRun } from '../../result/sample.conformance.ts'
import { serialiseResult } from '../../result/store.ts'
import { baselineOptionsOf, type CiOptions, casesOf } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtbench-baselines-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'push.yaml')
writeFileSync(file, 'transport: sse\n')
const baseline = join(folder, 'stored')
mkdirSync(baseline)
const stored = join(baseline, 'push.json')
const { environment } = sampleResult()

async function read(options: CiOptions = {}): Promise<Baselines> {
  const all = { baseline, url: 'http://127.0.0.1:9', ...options }
  return readBaselines(await casesOf([file], all), baselineOptionsOf(all))
}

async function store(transports: readonly ('sse' | 'websocket')[]): Promise<void> {
  const [one] = (await casesOf([file], { url: 'http://127.0.0.1:9' })) as [Case]
  const scenario = { ...one.scenario, transports }
  const runs = transports.map((name) => sampleRun(name))
  writeFileSync(
    stored,
    serialiseResult(documentOf({ scenario }, environment, { runs, missing: [] })),
  )
}

test('how a baseline is made has the flags that were given', async () => {
  rmSync(stored, { force: true })
  const { notes } = await read({ repeat: '5' })
  assert.match(notes.join(), /--update-baseline --url http:\/\/127\.0\.0\.1:9 --repeat 5; /)
})

test('a file in the place of the folder is no missing baseline', async () => {
  await store(['sse'])
  for (const updateBaseline of [false, true]) {
    await assert.rejects(read({ baseline: stored, updateBaseline }), {
      code: 'usage',
      message: /push\.json is a file, or below one; expected the folder that has push\.json$/,
    })
  }
})

test('what cannot be read is refused with what to do, and replaced where that is asked for', async () => {
  for (const text of ['', '{"schemaVersion": 1', '{"schemaVersion": 2}']) {
    writeFileSync(stored, text)
    await assert.rejects(read(), {
      code: 'bad-result',
      message: /; restore it, or store it anew by --update-baseline$/,
    })
    const { notes } = await read({ updateBaseline: true })
    assert.match(notes.join(), /push\.json: .*; --update-baseline replaces it$/)
  }
})

test('a technique that is not measured any more is told, and refused where all are required', async () => {
  await store(['sse', 'websocket'])
  const line = /push\.json: has websocket, which \S+push\.yaml does not measure; make a new /
  assert.match((await read()).notes.join(), line)
  await assert.rejects(read({ requireBaseline: true }), { code: 'usage', message: line })
  assert.deepEqual((await read({ updateBaseline: true })).notes, [])
  await store(['sse'])
  assert.deepEqual((await read({ requireBaseline: true })).notes, [])
})
