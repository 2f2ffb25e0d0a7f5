import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { shellWord } from '../../report/wording.ts'
import type { NewFile } from '../../result/atomic-file.ts'
import { safeFileName } from '../../result/store.ts'
import { foldersUp } from './folder.ts'
import type { Server } from './options.ts'

/** Minutes in which the times of a technique are told, where that is possible. */
const MINUTES_EACH = 2

/** What the workflow is to measure. */
export interface Gate {
  /** Of the scenario, from the folder. */
  readonly scenario: string
  /** Null where it is rtbench's own. */
  readonly server: Server | null
  readonly techniques: number
  readonly allowRemote: boolean
  readonly withToken: boolean
}

/** GitHub reads workflows at a repository's root alone; that of a folder below runs in its folder. */
export function workflow(folder: string, gate: Gate): NewFile {
  const root = foldersUp(folder).find((one) => existsSync(join(one, '.git'))) ?? resolve(folder)
  const below = relative(root, resolve(folder)).split(sep).join('/')
  const text = gating(gate, buildOf(folder))
  const workflows = join(folder, relative(resolve(folder), root), '.github', 'workflows')
  if (below === '') return { path: join(workflows, 'rtbench.yml'), text }
  // A name of its own, since several folders of a repository may have one.
  const name = `rtbench-${fileNameOf(below)}.yml`
  return { path: join(workflows, name), text: runningIn(below, text) }
}

/** The words of the gate that judges what does not depend on the machine, as the workflow has them. */
export function gateCommand({ scenario, server, allowRemote }: Gate): string {
  const serve = server !== null && 'serve' in server ? ` --serve ${quoted(server.serve)}` : ''
  return `npx rtbench ci ${scenario}${serve}${allowRemote ? ' --allow-remote' : ''}`
}

const TEMPLATE = new URL('../../../templates/workflow.yml', import.meta.url)
const COMMAND = "npx rtbench ci scenarios/*.yaml --serve 'node server.js'"
/** A step with its comment, up to the next. */
const TIMES = /^ {6}# Times are[\s\S]*?\n\n/m

/** The template, for what is measured. */
function gating(gate: Gate, build: string | null): string {
  const { server, techniques, withToken } = gate
  const text = readFileSync(TEMPLATE, 'utf8')
    .replaceAll(COMMAND, () => gateCommand(gate))
    .replace('--budget 2m', `--budget ${MINUTES_EACH * techniques}m`)
  const built =
    build === null
      ? text
      : text
          .replace('      - run: npm ci\n', (step) => `${step}      - run: ${build}\n`)
          .replace("'npm ci'", `'npm ci && ${build}'`)
  const told = withToken
    ? built.replace(
        /^ {4}steps:/m,
        (steps) => `    env:\n      RTBENCH_TOKEN: $\{{ secrets.RTBENCH_TOKEN }}\n${steps}`,
      )
    : built
  if (server !== null && 'serve' in server) return told
  // Of a server that runs there is one commit only.
  const one = told.replace(TIMES, '').replace(' # --against needs the commit to compare with', '')
  return server === null
    ? one
        .replace(/^# Regression/, "# This measures rtbench's own server, not yours.\n#\n$&")
        .replace('- name: Loss', "- name: rtbench's own server, loss")
    : one
}

/** What builds the package after its dependencies are there; null where nothing does. */
function buildOf(folder: string): string | null {
  try {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof scripts?.build === 'string' ? 'npm run build' : null
  } catch {
    return null
  }
}

/** A command is seen as one where it is quoted. */
function quoted(command: string): string {
  const word = shellWord(command)
  return word === command ? `'${command}'` : word
}

/** Of a path: what it is where that is plain, and else with a digest that tells it from all others. */
function fileNameOf(path: string): string {
  if (/^[\w-]+(?:\/[\w-]+)*$/.test(path) && path.length < 80) return path.replaceAll('/', '.')
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 8)
  const safe = safeFileName(path).slice(0, 70)
  return safe === '' ? digest : `${safe}-${digest}`
}

/** An artifact's paths begin at the root, wherever the steps run. */
function runningIn(below: string, text: string): string {
  const setting = `defaults:\n  run:\n    working-directory: ${JSON.stringify(below)}\n\njobs:`
  return text
    .replace(/^name: rtbench$/m, () => `name: ${JSON.stringify(`rtbench in ${below}`)}`)
    .replace(/^jobs:/m, () => setting)
    .replace(/^ +(?=junit\.xml$|results\/ci\/$)/gm, (indent) => `${indent}${below}/`)
}
