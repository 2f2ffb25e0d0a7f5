/** A network namespace of the run's own, in which packets may vanish without anybody else missing them. */
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { isDisruptedBy } from '../../scenario/disruption.ts'
import type { Scenario } from '../../scenario/scenario.ts'

/** Set in the program that runs in a namespace of its own. */
const MARK = 'RTBENCH_IN_NAMESPACE'

/** What a program in one needs first: the loopback interface, and a firewall that takes rules. */
const PREPARE =
  'PATH="$PATH:/usr/sbin:/sbin"; export PATH; ip link set lo up && nft add table inet rtbench'

/** Whether this program is the one that runs in the namespace; it ends with who started it, however. */
export function isInNamespace(): boolean {
  if (process.env[MARK] !== String(process.ppid)) return false
  process.on('disconnect', () => process.exit())
  process.channel?.unref()
  return true
}

/** Whether a scenario wants connections to go silent, and needs nothing beyond this machine's loopback for it. */
export function wantsNamespace({ disruptions, url, backplane }: Scenario): boolean {
  const isOwn = url === null && ['memory', 'none'].includes(backplane)
  return isOwn && isDisruptedBy('blackhole', disruptions)
}

/**
 * Why this machine cannot give the run a namespace with a firewall, in a line; null where it can. Nothing of
 * the trial is left: a namespace goes with its last process.
 */
export function namespaceFault(): string | null {
  const trial = spawnSync('unshare', [...unshareFlags(), 'sh', '-c', PREPARE], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (trial.status === 0) return null
  if (trial.error !== undefined) return 'unshare of util-linux is missing'
  const [line = ''] = trial.stderr.split('\n')
  return /nft.*not found/.test(line) ? 'nft is missing (apt-get install nftables)' : line.trim()
}

/**
 * Runs this very command in a namespace of its own, and resolves with its exit code. Ctrl-C reaches both; what
 * is said to this process alone is passed on.
 */
export function runInNamespace(): Promise<number> {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const args = ['sh', '-c', `${PREPARE} && exec "$@"`, 'rtbench', ...self]
  const child = spawn('unshare', [...unshareFlags(), ...args], {
    env: { ...process.env, [MARK]: String(process.pid) },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/** Who is not root becomes that of a namespace of users first. */
function unshareFlags(): readonly string[] {
  return process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net']
}
