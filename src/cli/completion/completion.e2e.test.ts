import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, test } from 'node:test'
import { promisify } from 'node:util'
import { transports } from '../../transports/registry.ts'
import { assertRefused, folder, run } from '../command.conformance.ts'
import { createProgram } from '../program.ts'
import { SHELLS } from './scripts.ts'
import { completionSpec } from './spec.ts'

let spec: ReturnType<typeof completionSpec>
let names: readonly string[]
const place = join(folder, 'a place')

before(async () => {
  spec = completionSpec(await createProgram())
  names = spec.map(({ name }) => name)
  mkdirSync(join(place, 'scenarios'), { recursive: true })
  mkdirSync(join(place, 'one folder'))
  for (const name of ['mine.yaml', 'its own.yml', 'x.json', 'notes.txt']) {
    writeFileSync(join(place, name), '')
  }
})

function absent(shell: string): { skip?: string } {
  const { error } = spawnSync(shell, ['-c', 'true'])
  return error === undefined ? {} : { skip: `there is no ${shell} here` }
}

/** What bash offers at the end of a line of these words. */
async function bash(script: string, words: readonly string[]): Promise<readonly string[]> {
  const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
_rtbench; printf '%s\\n' "\${COMPREPLY[@]}"`
  const args = ['--norc', '-c', program, 'bash', 'rtbench', ...words]
  const { stdout } = await promisify(execFile)('bash', args, { cwd: place })
  return stdout.split('\n').filter((line) => line !== '')
}

/** What fish offers at the end of a line. */
async function fish(script: string, line: string): Promise<readonly string[]> {
  const program = `${script}\ncomplete -C ${JSON.stringify(line)}`
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', program], {
    cwd: place,
    env: { ...process.env, HOME: folder },
  })
  return stdout.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0] ?? '']))
}

test('the scripts know every command, every flag and what flags take', async () => {
  const program = await createProgram()
  for (const command of program.commands) {
    const told = spec.find(({ name }) => name === command.name())
    const flags = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long)
    assert.deepEqual(
      told?.options.map(({ flag }) => flag),
      [...flags, '--help'],
      command.name(),
    )
  }
  const values = (command: string, flag: string) =>
    spec.find(({ name }) => name === command)?.options.find((one) => one.flag === flag)?.values
  const all = transports.map(({ name }) => name)
  assert.deepEqual(values('run', '--transport'), {
    kind: 'words',
    words: ['all', ...all],
    isList: true,
  })
  assert.deepEqual(values('run', '--arrivals'), {
    kind: 'words',
    words: ['poisson', 'constant'],
    isList: false,
  })
  assert.deepEqual(values('run', '--clients'), { kind: 'free' })
  assert.equal(values('run', '--json'), null)
})

describe('completion', () => {
  for (const shell of SHELLS) {
    it(`${shell}: the script is one`, absent(shell), async (context) => {
      const { code, stdout, stderr } = await run(context, ['completion', shell])
      assert.deepEqual([code, stderr], [0, ''])
      const path = join(place, `script.${shell}`)
      writeFileSync(path, stdout)
      const { status, stderr: faults } = spawnSync(shell, ['-n', path], { encoding: 'utf8' })
      assert.deepEqual([status, faults], [0, ''])
    })
  }

  it('of an unknown shell is refused', async (context) => {
    assertRefused(
      await run(context, ['completion', 'tcsh']),
      2,
      /^rtbench: completion: tcsh is none of bash, zsh, fish\n$/,
    )
  })

  it('in bash', absent('bash'), async (context) => {
    const { stdout: script } = await run(context, ['completion', 'bash'])
    const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
      [[''], [...names, '--help', '--version']],
      [['ru'], ['run']],
      [['run', '--tr'], ['--transport']],
      [
        ['run', '--transport', 's'],
        ['short-poll', 'sse'],
      ],
      [['run', '--transport', 'sse,w'], ['sse,websocket']],
      [['run', '--transport', '=', 'w'], ['websocket']],
      [
        ['run', '--engine', '='],
        ['lean', 'library'],
      ],
      [['run', '--clients', '5', '--eng'], ['--engine']],
      [['run', '--clients', ''], []],
      [['run', 'm'], ['mine.yaml']],
      [['run', 'its'], ['its own.yml']],
      [['run', 'n'], []],
      [['run', 's'], ['scenarios']],
      [
        ['report', ''],
        ['one folder', 'scenarios', 'x.json'],
      ],
      [['report', 'x.json', '--format', 't'], ['table']],
      [['compare', '--format', 'j'], ['json']],
      [
        ['capacity', '--transport', 's'],
        ['short-poll', 'sse'],
      ],
      [['capacity', '--transport', 'a'], []],
      [['ci', '--only', ''], ['deterministic']],
      [['ci', '--junit', 'x'], ['x.json']],
      [
        ['advise', '--proxies', 'block-upgrades,b'],
        ['block-upgrades,block-upgrades', 'block-upgrades,buffer-streams'],
      ],
      [['run', '--out', 'o'], ['one folder']],
      [['ci', '--baseline', 'o'], ['one folder']],
      [['report', '--out', 'x'], ['x.json']],
      [
        ['init', ''],
        ['one folder', 'scenarios'],
      ],
      [['completion', 'b'], ['bash']],
      [['help', 'cap'], ['capacity']],
      [['unheard', 'x'], []],
    ]
    for (const [words, offered] of cases) {
      assert.deepEqual(
        [...(await bash(script, words))].sort(),
        [...offered].sort(),
        words.join(' '),
      )
    }
  })

  it('in fish', absent('fish'), async (context) => {
    const { stdout: script } = await run(context, ['completion', 'fish'])
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['rtbench ', names],
      ['rtbench ru', ['run']],
      ['rtbench run --tr', ['--transport']],
      ['rtbench run --transport sse,w', ['sse,websocket']],
      ['rtbench run --engine=l', ['--engine=lean', '--engine=library']],
      ['rtbench run m', ['mine.yaml']],
      ['rtbench report --format m', ['markdown']],
      ['rtbench init o', ['one folder/']],
      ['rtbench completion z', ['zsh']],
    ]
    for (const [line, offered] of cases) {
      assert.deepEqual([...(await fish(script, line))].sort(), [...offered].sort(), line)
    }
  })

  it('in zsh', absent('zsh'), async (context) => {
    const { stdout: script } = await run(context, ['completion', 'zsh'])
    writeFileSync(join(place, '_rtbench'), script)
    const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', ZSH], { cwd: place })
    const becomes = (line: string): string =>
      (stdout.split(`[${line}]\n`)[1] ?? '').split('\n')[0]?.trimEnd() ?? ''
    assert.equal(becomes('rtbench ru'), 'rtbench run')
    assert.equal(becomes('rtbench run --tr'), 'rtbench run --transport=')
    assert.equal(becomes('rtbench run --engine li'), 'rtbench run --engine library')
    assert.equal(becomes('rtbench run mi'), 'rtbench run mine.yaml')
    assert.equal(becomes('rtbench completion z'), 'rtbench completion zsh')
  })
})

/** A zsh in a terminal of its own in which Tab is pressed; it tells what the line became. */
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1= PROMPT= ; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit && compinit -u -D; source ./_rtbench"
zpty -w z 'show() { print -r -- "<<$BUFFER>>"; BUFFER=; zle redisplay }; zle -N show; bindkey "^X" show; print ready-now'
zpty -r z output '*ready-now*ready-now*'
for line in 'rtbench ru' 'rtbench run --tr' 'rtbench run --engine li' 'rtbench run mi' 'rtbench completion z'; do
  zpty -w -n z "$line"$'\\t'$'\\x18'
  zpty -r z output '*<<*>>*'
  answer="\${output##*<<}"; answer="\${answer%%>>*}"
  print -r -- "[$line]"; print -r -- "\${answer%% #}"; print
done
zpty -d z
`
