/** The workflow and the action cannot run here: what they name must exist, and their script work. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { parse } from 'yaml'
import { folder } from '../command.conformance.ts'
import { createProgram } from '../program.ts'
import { root } from '../root.conformance.ts'

const workflowText = readFileSync(join(root, 'templates', 'workflow.yml'), 'utf8')
const actionText = readFileSync(join(root, 'action.yml'), 'utf8')
const docs = readFileSync(join(root, 'docs', 'ci.md'), 'utf8')

let flags: ReadonlySet<string | undefined>
before(async () => {
  const { commands } = await createProgram()
  const options = commands.find((one) => one.name() === 'ci')?.options ?? []
  flags = new Set(options.map(({ long }) => long))
})

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
}

test('the workflow is one, and every flag of its commands exists', () => {
  const workflow = parse(workflowText) as {
    on: Record<string, unknown>
    jobs: Record<string, { 'runs-on': string; steps: readonly Step[] }>
  }
  assert.deepEqual(Object.keys(workflow.on), ['pull_request', 'workflow_dispatch'])
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
  assert(steps.every(({ uses, run }) => (uses === undefined) !== (run === undefined)))
  assert(steps.some(({ run }) => run?.startsWith('npx rtbench ci ')))
  const used = workflowText.match(/(?<=[ `])--(?!port)[a-z][a-z-]*/g) ?? []
  assert(used.length >= 5)
  for (const flag of used) assert(flags.has(flag), flag)
})

const action = parse(actionText) as {
  inputs: Record<string, { description: string; default: string }>
  runs: { using: string; steps: readonly Step[] }
}

test('the action has its inputs, and its script has no text of theirs in it', () => {
  assert.deepEqual(Object.keys(action.inputs), [
    'scenarios',
    'baseline',
    'against',
    'args',
    'node-version',
  ])
  assert.equal(action.runs.using, 'composite')
  const [script] = action.runs.steps.filter(({ run }) => run !== undefined)
  assert.doesNotMatch(script?.run ?? '', /\$\{\{/)
  const used = Object.values(script?.env ?? {})
    .join(' ')
    .match(/inputs\.[a-z-]+/g)
  assert.deepEqual(used, ['inputs.scenarios', 'inputs.baseline', 'inputs.against', 'inputs.args'])
})

test('the script of the action calls the command with its inputs', () => {
  const script = action.runs.steps.find(({ run }) => run !== undefined)?.run ?? ''
  writeFileSync(join(folder, 'a.yaml'), 'name: a\n')
  writeFileSync(join(folder, 'b.yaml'), 'name: a\n')
  const call = (inputs: Readonly<Record<string, string>>) =>
    spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        ACTION_PATH: root,
        INPUT_SCENARIOS: '*.yaml',
        INPUT_BASELINE: '',
        INPUT_AGAINST: '',
        INPUT_ARGS: '',
        ...inputs,
      },
    })
  // Each of these is refused by what it was given, and so shows that it came through.
  const twice = call({})
  assert.equal(twice.stderr, 'rtbench: b.yaml: has the same name as a.yaml, a; give it another\n')
  assert.equal(twice.status, 2)
  const both = call({ INPUT_BASELINE: 'a folder', INPUT_AGAINST: 'main' })
  assert.match(both.stderr, /^rtbench: --against: compares without a baseline/)
  const args = call({ INPUT_AGAINST: 'main', INPUT_ARGS: "--quiet --judge 'p98 $X'" })
  assert.match(args.stderr, /^rtbench: --judge: "p98 \$X" is no figure/)
  const shell = call({ INPUT_SCENARIOS: '$(touch bad).yaml; touch bad' })
  assert.notEqual(shell.status, 0)
  assert.equal(spawnSync('ls', ['bad'], { cwd: folder }).status, 2)
})

test('every flag is in docs/ci.md, and every flag that it names exists', () => {
  const undocumented = ['--token', '--allow-remote', '--allow-invalid', '--quiet', '--verbose']
  for (const flag of flags) {
    if (flag !== undefined && !undocumented.includes(flag)) assert(docs.includes(`\`${flag}`), flag)
  }
  const others = ['--port', '--format', '--repeat', '--long-poll', '--poll', '--ws']
  for (const [, flag = ''] of docs.matchAll(/[ `](--[a-z][a-z-]*)/g)) {
    assert(flags.has(flag) || others.includes(flag), flag)
  }
})
