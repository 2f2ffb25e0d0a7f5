import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { type Gate, workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtbench-workflow-'))
after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, '.git'))

const GATE: Gate = {
  scenario: 'scenarios/server.yaml',
  server: { serve: "npm start -- --name 'a'" },
  techniques: 1,
  allowRemote: false,
  withToken: false,
}

interface Job {
  readonly env?: unknown
  readonly steps: readonly { readonly run?: string }[]
}

function written(gate: Partial<Gate>): { readonly job: Job; readonly runs: readonly string[] } {
  const job: Job = parse(workflow(folder, { ...GATE, ...gate }).text).jobs.rtbench
  return { job, runs: job.steps.flatMap(({ run }) => (run === undefined ? [] : [run])) }
}

const SERVE = `npx rtbench ci scenarios/server.yaml --serve 'npm start -- --name '\\''a'\\'''`

test('a server that is started is gated by what it counts and by its times', () => {
  assert.deepEqual(written({}).runs, [
    'npm ci',
    `${SERVE} --only deterministic --junit junit.xml`,
    `${SERVE} --against "origin/$GITHUB_BASE_REF" --build 'npm ci' --budget 2m --allow-inconclusive`,
  ])
  assert.match(written({ techniques: 3 }).runs.at(-1) ?? '', /--budget 6m /)
})

test('what builds the package builds both sides', () => {
  writeFileSync(join(folder, 'package.json'), '{"scripts":{"build":"tsc"}}')
  const { runs } = written({})
  assert.deepEqual(runs.slice(0, 2), ['npm ci', 'npm run build'])
  assert.match(runs.at(-1) ?? '', / --build 'npm ci && npm run build' /)
  writeFileSync(join(folder, 'package.json'), 'no JSON')
  assert.equal(written({}).runs.length, 3)
})

test('a server that runs is of one commit, and may want a token', () => {
  const server = { url: 'https://staging.example' }
  const { job, runs } = written({ server, allowRemote: true, withToken: true })
  assert.deepEqual(runs, [
    'npm ci',
    'npx rtbench ci scenarios/server.yaml --allow-remote --only deterministic --junit junit.xml',
  ])
  assert.deepEqual(job.env, { RTBENCH_TOKEN: `$\{{ secrets.RTBENCH_TOKEN }}` })
})
