/**
 * Runs what the README and the guide to scenarios tell to type, as it is written, in a copy of the
 * repository: `npm run docs`, or `npm run docs -- docs/ci.md` for other pages. What takes minutes is
 * listed, and run with `--all`; results that a reader would have are those of one short run.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const GUIDES = ['README.md', 'docs/scenarios.md', 'docs/sweeps.md', 'docs/comparing.md']
const LONG =
  /npm (?:ci|test|run)|--clients (?:\d{5,}|\d+k)|--duration (?:[3-9]\d|\d{3,})s|--repeat|against|rtbench capacity|init --serve/
const LONGEST_MS = 20 * 60_000

/** The exit code of each line is looked at: 3 and 4 tell of the machine, 141 of a reader like `head`. */
const SHELL = `set -o pipefail
failed=0
check() { case $1 in 0|3|4|141) ;; *) echo "exit code $1: $2" >&2; failed=1 ;; esac; }
`

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const pages = args.filter((arg) => !arg.startsWith('--'))
const above = mkdtempSync(join(tmpdir(), 'rtbench-docs-'))
process.once('exit', () => rmSync(above, { recursive: true, force: true }))
const copy = join(above, 'rtbench')

/** The lines of a page's blocks for a shell, block by block, each with those that continue it. */
function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = text.match(/^```(?:sh|bash|console)\n.*?^```/gms) ?? []
  return blocks.map((block) => {
    const lines = block
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .slice(1, -1)
    const isConsole = block.startsWith('```console')
    const typed = isConsole ? lines.filter((line) => line.startsWith('$ ')) : lines
    return (
      typed
        .map((line) => (isConsole ? line.slice(2) : line).replace(/(?:^|\s+)#\s.*$/, ''))
        // The program is that of the repository, and not what npm would find.
        .map((line) => line.replace(/^npx (?=rtbench)/, ''))
        .filter((line) => line !== '')
    )
  })
}

/** Copies what git knows of, or would, and commits it; what is installed and built is linked to. */
function copyRepository() {
  const git = (cwd, ...words) => execFileSync('git', words, { cwd, encoding: 'utf8' })
  for (const file of git(root, 'ls-files', '-z', '-co', '--exclude-standard').split('\0')) {
    if (file === '' || file === 'node_modules' || !existsSync(join(root, file))) continue
    cpSync(join(root, file), join(copy, file))
  }
  for (const name of ['dist', 'node_modules']) symlinkSync(join(root, name), join(copy, name))
  git(copy, 'init', '--quiet', '--initial-branch', 'main')
  git(copy, 'add', '--all')
  const identity = ['-c', 'user.name=docs', '-c', 'user.email=docs@localhost']
  git(copy, ...identity, 'commit', '--quiet', '--message', 'a copy')
}

/** Makes the results that the lines name and nobody has. */
function supplyResults(lines) {
  const named = lines.flatMap((line) => line.match(/(?<=\s)[\w./-]+\.json(?=\s|$)/g) ?? [])
  const folders = lines.flatMap(
    (line) => line.match(/(?<=compare )results\/\w+ results\/\w+/g) ?? [],
  )
  const inFolders = folders
    .flatMap((both) => both.split(' '))
    .map((name) => `${name}/all-1000.json`)
  for (const name of [...named, ...inFolders].filter((name) => !existsSync(join(copy, name)))) {
    mkdirSync(dirname(join(copy, name)), { recursive: true })
    cpSync(join(above, 'result.json'), join(copy, name))
  }
}

/** Runs a block's lines by one shell, which ends what it leaves in the background. */
function run(lines) {
  const text = lines.map((line) => {
    if (/&$/.test(line)) return `${line}\nsleep 2`
    if (/rtbench serve/.test(line)) return `${line} &\nsleep 2`
    return `${line}\ncheck $? ${JSON.stringify(line).replaceAll('$', '\\$').replaceAll('`', '\\`')}`
  })
  const script = [SHELL, ...text, 'kill $(jobs -p) 2>/dev/null', 'exit $failed'].join('\n')
  const path = `${join(above, 'bin')}:${process.env.PATH}`
  return spawnSync('bash', ['--norc', '-c', script], {
    cwd: copy,
    env: { ...process.env, PATH: path, HOME: above },
    encoding: 'utf8',
    timeout: LONGEST_MS,
  })
}

copyRepository()
mkdirSync(join(above, 'bin'))
symlinkSync(join(root, 'bin', 'rtbench.js'), join(above, 'bin', 'rtbench'))
const short = '--clients 100 --rate 5 --duration 2s --warmup 500ms --seed 1 --name all-1000'
run([
  `rtbench run ${short} --no-save --quiet --json --allow-invalid > ${join(above, 'result.json')}`,
])

for (const page of pages.length > 0 ? pages : GUIDES) {
  for (const lines of blocksOf(page)) {
    const due = lines.filter((line) => args.includes('--all') || !LONG.test(line))
    for (const line of lines) if (!due.includes(line)) console.log(`not run  ${page}: ${line}`)
    if (due.length === 0) continue
    supplyResults(due)
    const startMs = performance.now()
    const { status, stderr } = run(due)
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    console.log(`${status === 0 ? 'ok     ' : 'FAILED '} ${seconds} s  ${page}: ${due.join('; ')}`)
    if (status === 0) continue
    console.log(stderr.trimEnd().split('\n').slice(-10).join('\n'))
    process.exitCode = 1
  }
}
