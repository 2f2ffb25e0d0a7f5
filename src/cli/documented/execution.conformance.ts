/** Runs a script by its shell, as if somebody typed it line by line, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Copy } from './copy.conformance.ts'
import type { Step } from './plan.conformance.ts'

/** No line of a document hangs for longer. */
const PATIENCE_MS = 40 * 60_000
/** In every process that descends from the script. */
const TAG = 'DOCUMENTED_SCRIPT'

export interface Outcome {
  /** Null where it had to be ended. */
  readonly code: number | null
  readonly seconds: number
  readonly output: string
  /** Codes that were in order though they are not 0, and where. */
  readonly excused: readonly string[]
}

/**
 * The checks that stand between the lines. 141 is a program whose reader, such as `head`, has seen
 * enough. A line in the background is given as long as somebody needs who sees it start and types
 * the next; it must not end by itself.
 */
const BASH = `
set -o pipefail
__check() {
  local may=" $1 " line=$2 code; shift 2
  for code in "$@"; do
    case $code in 0|141) continue ;; esac
    if [[ $may != *" $code "* ]]; then exit "$code"; fi
    echo "$line:$code" >&3
  done
}
__background() { sleep 2; }
__end() {
  local pid
  for pid in $(jobs -p); do
    if ! kill -0 "$pid" 2>/dev/null; then wait "$pid" || exit; fi
  done
  kill $(jobs -p) 2>/dev/null
  wait
  exit 0
}
`

function bashText(steps: readonly Step[]): string {
  const lines = steps.map(({ statement, endless, codes }, index) => {
    if (endless) return `${statement.replace(/#.*$/, '')} &\n__background`
    if (/&\s*(#.*)?$/.test(statement)) return `${statement}\n__background`
    return `${statement}\n__check '${codes.join(' ')}' ${index} "$?" "\${PIPESTATUS[@]}"`
  })
  return [BASH, ...lines, '__end', ''].join('\n')
}

/** Other shells are asked whether they take it all. */
function commandOf(shell: string, steps: readonly Step[]): readonly string[] {
  const text = steps.map(({ statement }) => statement).join('\n')
  if (shell === 'bash') return ['bash', '--norc', '-c', bashText(steps)]
  if (shell === 'zsh')
    return ['zsh', '-f', '-e', '-c', `autoload -U compinit; compinit -D -u\n${text}`]
  return ['fish', '--no-config', '-c', text]
}

/** The tags of what runs now. */
const running = new Set<string>()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const tag of running) endFamily(tag)
    process.exit(130)
  })
}

export async function execute(shell: string, steps: readonly Step[], copy: Copy): Promise<Outcome> {
  const tag = randomUUID()
  running.add(tag)
  const [program = shell, ...args] = commandOf(shell, steps)
  const startMs = performance.now()
  const child = spawn(program, args, {
    cwd: copy.folder,
    env: { ...copy.environment, [TAG]: tag },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  let notes = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output += bytes
    })
  }
  child.stdio[3]?.on('data', (bytes: Buffer) => {
    notes += bytes
  })
  const timer = setTimeout(() => endFamily(tag), PATIENCE_MS)
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(127))
  })
  clearTimeout(timer)
  endFamily(tag)
  running.delete(tag)
  const seconds = (performance.now() - startMs) / 1000
  return { code, seconds, output, excused: [...new Set(notes.split('\n').filter(Boolean))] }
}

/** Ends what descends from the script, each by its id. */
function endFamily(tag: string): void {
  if (process.platform !== 'linux') return
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || !readEnvironment(name).includes(tag)) continue
    try {
      process.kill(Number(name), 'SIGKILL')
    } catch {
      // It is gone.
    }
  }
}

/** Empty for a process that is gone. */
function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
