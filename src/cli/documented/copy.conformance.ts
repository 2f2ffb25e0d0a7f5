/** A copy of the repository as a reader would have it, with what the documents suppose to be there. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FILES, FOLDERS, OUTSIDE, RESULTS } from './fixture.conformance.ts'

/** One result for every name that the documents have for one. */
const MEASURE = ['run', '--clients', '100', '--rate', '5', '--duration', '2s', '--warmup', '500ms']

/** The copy, and what of a shell's environment belongs to it. */
export interface Copy {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  remove(): void
}

/** Measures what the documents call a stored result; tells the file of it. */
export function measureFixture(root: string, folder: string): string {
  const path = join(folder, 'result.json')
  const command = [join(root, 'bin', 'rtbench.js'), ...MEASURE, '--seed', '1', '--name', 'all-1000']
  const options = [...command, '--no-save', '--quiet', '--json', '--allow-invalid']
  writeFileSync(path, execFileSync(process.execPath, options, { env: cleanEnvironment() }))
  return path
}

/**
 * Copies what git knows of, or would; commits it as both `main` and `origin/main`.
 * @param text the commands, which may name fixtures
 */
export function copyRepository(root: string, result: string, text: string): Copy {
  const above = mkdtempSync(join(tmpdir(), 'rtbench-docs-'))
  const folder = join(above, 'rtbench')
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  // Copied, and not linked: `npm ci` removes what it finds.
  for (const name of ['node_modules', 'dist']) {
    cpSync(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  }
  writeFixtures(folder, result, text)
  commit(folder)
  const remove = (): void => rmSync(above, { recursive: true, force: true })
  // Also where somebody ends the program.
  process.once('exit', remove)
  return {
    folder,
    environment: environmentIn(above, folder),
    remove() {
      process.off('exit', remove)
      remove()
    },
  }
}

/** Writes what the text names, by itself or by its folder, and nothing that it does not know of. */
function writeFixtures(folder: string, result: string, text: string): void {
  const words = text.split(/[\s'"]+/)
  const isNamed = (name: string): boolean =>
    words.some((word) => word === name || `${word}/`.startsWith(`${folderOf(name)}/`))
  for (const name of RESULTS.filter(isNamed)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    copyFileSync(result, join(folder, name))
  }
  for (const [name, content] of Object.entries(FILES)) {
    if (isNamed(name)) writeFileSync(join(folder, name), content)
  }
  for (const [name, like] of Object.entries(FOLDERS)) {
    if (isNamed(name)) cpSync(join(folder, like), join(folder, name), { recursive: true })
  }
  if (!isNamed('nginx.conf')) return
  const page = readFileSync(join(folder, 'docs', 'targets.md'), 'utf8')
  writeFileSync(join(folder, 'nginx.conf'), /```nginx\n(.*?)```/s.exec(page)?.[1] ?? '')
}

/** The folder that a file is in; the file itself where that is the copy's own. */
function folderOf(name: string): string {
  return dirname(name) === '.' ? name : dirname(name)
}

function commit(folder: string): void {
  const git = (...args: string[]): void => {
    execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  git('init', '--quiet', '--initial-branch', 'main')
  git('config', 'user.name', 'documents')
  git('config', 'user.email', 'documents@localhost')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'a copy')
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
}

/** With a home of its own, and `rtbench` as an installed package has it. */
function environmentIn(above: string, folder: string): NodeJS.ProcessEnv {
  const bin = join(above, 'bin')
  const home = join(above, 'home')
  mkdirSync(bin)
  // Fish makes it.
  mkdirSync(join(home, '.config', 'fish', 'completions'), { recursive: true })
  chmodSync(join(folder, 'bin', 'rtbench.js'), 0o755)
  symlinkSync(join(folder, 'bin', 'rtbench.js'), join(bin, 'rtbench'))
  // What npm has fetched before is at hand; what npx keeps of this copy goes with it.
  const cache = join(above, 'npm')
  mkdirSync(cache)
  const usual = process.env['npm_config_cache'] ?? join(homedir(), '.npm')
  if (existsSync(join(usual, '_cacache'))) {
    symlinkSync(join(usual, '_cacache'), join(cache, '_cacache'))
  }
  return {
    npm_config_userconfig: join(homedir(), '.npmrc'),
    ...cleanEnvironment(),
    npm_config_cache: cache,
    HOME: home,
    PATH: [bin, join(folder, 'node_modules', '.bin'), process.env['PATH']].join(':'),
    GITHUB_STEP_SUMMARY: join(above, 'summary.md'),
  }
}

/** Without what npm tells its scripts, but how it is set up; without rtbench's own variables. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ['npm_config_userconfig', 'npm_config_registry']
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => kept.includes(name) || !/^(npm_|RTBENCH_|GITHUB_|INIT_CWD$)/.test(name),
    ),
  )
}

/** Removes what documents make outside of the copy, and ends what was started there. */
export function removeOutside(): void {
  const pidFile = join(OUTSIDE, 'nginx.pid')
  if (existsSync(pidFile)) {
    try {
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM')
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(OUTSIDE, { recursive: true, force: true })
}
