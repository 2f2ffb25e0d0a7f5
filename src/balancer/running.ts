/** A program before servers, a front or a proxy, that runs: how it is started, watched, and ended whatever becomes of this process. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended } from '../child-process.ts'
import { RtbenchError } from '../error.ts'
import type { Balancer, FrontPlan } from './balancer.ts'
import type { Program } from './program.ts'

/** Where Debian has servers, and who is not root does not look. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']
const START_MS = 10_000
const STEP_MS = 20
const PATIENCE_MS = 3_000
/** A port that was free may be taken by the time that it is wanted. */
const ATTEMPTS = 3
const IN_USE = /address already in use|cannot bind|\[EADDRINUSE\]/i
const MAX_SAID = 16 * 1024

/**
 * Runs a program until standard input ends, which it does with whoever holds its other end, and takes its
 * folder away then. The program may be a master whose workers outlive it, and may have been stopped; one
 * that waits for its clients is not waited for.
 */
const GUARD = `folder=$1
leftovers=$2
shift 2
exec 3<&0
nice -n 5 "$@" 3<&- >/dev/null &
program=$!
exec 2>/dev/null
{
  read -r _ <&3
  kill -TERM "$program"
  kill -CONT "$program"
  sleep 1
  rm -rf "$folder" \${leftovers:+"$leftovers"*}
  kill -KILL 0
} &
wait "$program"
status=$?
trap '' TERM
kill -TERM 0
kill -CONT 0
rm -rf "$folder" \${leftovers:+"$leftovers"*}
exit "$status"`

/** A program that may be started. */
export interface Installed<Kind extends Program = Balancer> {
  readonly kind: Kind
  readonly path: string
  readonly version: string
}

/**
 * Looks for a program.
 * @param flag that asks for it
 * @throws RtbenchError `cannot-run` with the package to install
 */
export function installed<Kind extends Program>(kind: Kind, flag = '--front'): Installed<Kind> {
  const { name, label, program } = kind
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  const path = folders.map((folder) => join(folder, program)).find(isProgram)
  if (path === undefined) {
    throw new RtbenchError(
      'cannot-run',
      `${label} is not installed, and ${flag} ${name} starts it; install it: apt-get install ${kind.package}`,
    )
  }
  const { stdout, stderr } = spawnSync(path, [kind.versionArgument ?? '-v'], { encoding: 'utf8' })
  const version = kind.version.exec(`${stdout}${stderr}`)?.[1]
  if (version === undefined) {
    throw new RtbenchError(
      'cannot-run',
      `${path} does not say that it is ${label}; install it: apt-get install ${kind.package}`,
    )
  }
  return { kind, path, version }
}

/** What a front's processes have taken by now. */
interface FrontReading {
  readonly cpuUs: number
  /** Time that its threads waited for a processor. */
  readonly waitedUs: number
  /** Pages that several of them share are counted for each. */
  readonly rssBytes: number
}

export interface RunningFront {
  readonly version: string
  readonly label: string
  readonly ports: readonly number[]
  /** Null where the system does not tell. */
  read(): FrontReading | null
  /** Tells, in a line, when it ends before it was told to. */
  onLost(tell: (why: string) => void): void
  /** Resolves when nothing of it runs any more. */
  stop(hurry?: AbortSignal): Promise<void>
}

/**
 * Starts a front before instances that listen; resolves when it answers for one of them.
 * @param portCount how many ports it is to have
 * @throws RtbenchError `cannot-run` with what it says of why it does not start
 */
export function startFront(
  front: Installed,
  plan: Omit<FrontPlan, 'ports'>,
  portCount: number,
): Promise<RunningFront> {
  const configure = (ports: readonly number[]): string =>
    front.kind.configuration({ ...plan, ports })
  return startProgram(front, configure, portCount)
}

/**
 * Starts a program; resolves when somebody answers through it who is ready.
 * @param configure the text of its configuration, from its ports and its folder
 * @param readyUrl what is asked for, of who takes whole URLs; by default its own `/ready`
 * @throws RtbenchError `cannot-run` with what it says of why it does not start
 */
export async function startProgram(
  installed: Installed<Program>,
  configure: (ports: readonly number[], folder: string) => string,
  portCount: number,
  readyUrl = '/ready',
): Promise<RunningFront> {
  for (let attempt = 1; ; attempt++) {
    const process = new FrontProcess(installed, configure, await freePorts(portCount))
    const fault = await process.answers(readyUrl)
    if (fault === null) return process
    await process.stop()
    if (attempt < ATTEMPTS && IN_USE.test(fault)) continue
    throw new RtbenchError('cannot-run', `${installed.kind.label} could not start: ${fault}`)
  }
}

/** What is to be ended when this process ends, in which nothing may be waited for. */
const lastWords = new Set<() => void>()
process.once('exit', () => {
  for (const kill of lastWords) kill()
})

class FrontProcess implements RunningFront {
  readonly label: string
  readonly version: string
  readonly ports: readonly number[]
  readonly #kind: Program
  readonly #folder: string
  /** The guard; the program and what it starts are of its process group. */
  readonly #child: ChildProcess
  #said = ''
  #isStopping = false

  constructor(
    { kind, path, version }: Installed<Program>,
    configure: (ports: readonly number[], folder: string) => string,
    ports: readonly number[],
  ) {
    this.#kind = kind
    this.label = kind.label
    this.version = version
    this.ports = ports
    this.#folder = mkdtempSync(join(tmpdir(), 'rtbench-front-'))
    const file = join(this.#folder, `${kind.name}.conf`)
    writeFileSync(file, configure(ports, this.#folder))
    const leftovers = kind.leftovers?.(this.#folder) ?? ''
    const args = ['-c', GUARD, 'rtbench-front', this.#folder, leftovers, path]
    // A group of its own: Ctrl-C is for the run, which still needs it for a while.
    this.#child = spawn('/bin/sh', [...args, ...kind.args(file, this.#folder)], {
      cwd: this.#folder,
      // Whatever it keeps for its user goes away with the folder.
      env: { ...process.env, HOME: this.#folder, ...homesIn(this.#folder) },
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#child.on('error', (error) => {
      this.#said += error.message
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      if (this.#said.length < MAX_SAID) this.#said += bytes
    })
    lastWords.add(this.#kill)
  }

  /** Resolves with null when it answers, else with why it does not. */
  async answers(readyUrl: string): Promise<string | null> {
    const untilMs = performance.now() + START_MS
    for (;;) {
      const status = await statusOf(this.ports[0] ?? 0, readyUrl)
      if (status === 200) return null
      if (this.#isOver || performance.now() > untilMs) {
        const silence = status === null ? 'it does not answer' : `it answers with ${status}`
        return this.#complaint ?? silence
      }
      await sleep(STEP_MS)
    }
  }

  read(): FrontReading | null {
    const pids = groupOf(this.#child.pid ?? 0)
    const readings = pids.map(readProcess).filter((reading) => reading !== null)
    if (readings.length === 0) return null
    return {
      cpuUs: sumOf(readings, 'cpuUs'),
      waitedUs: sumOf(readings, 'waitedUs'),
      rssBytes: sumOf(readings, 'rssBytes'),
    }
  }

  onLost(tell: (why: string) => void): void {
    this.#child.once('exit', (code, signal) => {
      if (this.#isStopping) return
      const said = this.#complaint
      tell(`${this.label} ended (${signal ?? code})${said === null ? '' : `: ${said}`}`)
    })
  }

  async stop(hurry?: AbortSignal): Promise<void> {
    this.#isStopping = true
    this.#child.stdin?.end()
    const timer = setTimeout(this.#kill, PATIENCE_MS)
    hurry?.addEventListener('abort', this.#kill)
    if (hurry?.aborted) this.#kill()
    await ended(this.#child, 2 * PATIENCE_MS)
    clearTimeout(timer)
    hurry?.removeEventListener('abort', this.#kill)
    lastWords.delete(this.#kill)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The line in which it says what is wrong; else the first one that it said. */
  get #complaint(): string | null {
    const lines = this.#said.split('\n').filter((line) => line.trim() !== '')
    const line = lines.find((line) => this.#kind.complaint.test(line)) ?? lines[0]
    return line?.trim() ?? null
  }

  /** The whole group, at once; also when this process ends, in which nothing may be waited for. */
  readonly #kill = (): void => {
    const { pid } = this.#child
    if (pid === undefined || this.#isOver) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Where programs look for their own files, as the XDG Base Directory Specification has it. */
function homesIn(folder: string): Readonly<Record<string, string>> {
  return { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** So many ports that nobody listens on, at the same time. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', resolve)
      })
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** The status of an answer that a server gives through the program; null where nobody answers. */
function statusOf(port: number, path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: PATIENCE_MS })
    request.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? null)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(null))
  })
}

/** The processes of a group, but for its leader and what is a copy of that (proc(5): `stat`, fields 2 to 5). */
function groupOf(leader: number): readonly number[] {
  const statOf = (pid: number) => {
    const [, command, rest] = /^\d+ \((.*)\) (.*)/s.exec(textOf(`/proc/${pid}/stat`)) ?? []
    return { command, group: Number(rest?.split(' ')[2]) }
  }
  const guard = statOf(leader).command
  return namesIn('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false
      const { command, group } = statOf(pid)
      return group === leader && command !== guard
    })
}

/** Null of a process that is gone. */
function readProcess(pid: number): FrontReading | null {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`)) ?? []
  if (kilobytes === undefined) return null
  const accounts = namesIn(`/proc/${pid}/task`).map((thread) => {
    const [ranNs, waitedNs] = textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ').map(Number)
    return { cpuUs: (ranNs ?? 0) / 1e3, waitedUs: (waitedNs ?? 0) / 1e3 }
  })
  return {
    cpuUs: sumOf(accounts, 'cpuUs'),
    waitedUs: sumOf(accounts, 'waitedUs'),
    rssBytes: Number(kilobytes) * 1024,
  }
}

function sumOf<Key extends string>(
  items: readonly Readonly<Record<Key, number>>[],
  key: Key,
): number {
  return items.reduce((sum, item) => sum + item[key], 0)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
