/** Processes that stand still for a while, and go on whatever becomes of this one. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Lets processes go on when standard input ends, which it does with whoever holds its other end. */
const THAW = 'read -r _; for pid; do kill -CONT "$pid"; done'

/**
 * Stops processes until the answer is called, or this process is gone, however.
 * @throws what the system says where one cannot be stopped; none is then
 */
export function freeze(pids: readonly number[]): () => void {
  // A stopped process would not see its parent go.
  const guard = spawn('/bin/sh', ['-c', THAW, 'rtbench-thaw', ...pids.map(String)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const thaw = (): void => {
    for (const pid of pids) signal(pid, 'SIGCONT')
    guard.stdin.end()
  }
  guard.on('error', thaw)
  guard.stdin.on('error', () => {})
  try {
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
  } catch (error) {
    thaw()
    throw error
  }
  return thaw
}

/** To one that may be gone. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * A process and all that descend from it, as far as the system tells: a master's workers do the serving.
 * @param pid is the first one of the answer
 */
export function familyOf(pid: number): readonly number[] {
  const family = new Set([pid])
  // What is added meanwhile is visited, too.
  for (const one of family) for (const child of childrenOf(one)) family.add(child)
  return [...family]
}

function childrenOf(pid: number): readonly number[] {
  const threads = `/proc/${pid}/task`
  try {
    return readdirSync(threads).flatMap((thread) =>
      (readFileSync(`${threads}/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    )
  } catch {
    return []
  }
}
