import { spawn } from 'node:child_process'

/**
 * Waits for the end of its input, and then ends the group: at first as it is asked to. Where nobody
 * reaps what is dead, the group is never gone, so that the guard must not wait for that for long.
 */
const SCRIPT = `read -r _
kill -s TERM -- "-$1"
for _ in 1 2 3; do kill -s 0 -- "-$1" || exit 0; sleep 1; done
kill -s KILL -- "-$1"`

/**
 * Sees that a process group does not outlive this process, whatever ends that: a shell of its own
 * holds the other end of a pipe, which the system closes.
 * @returns what ends the guard, when the group is gone
 */
export function guardGroup(pid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid)], {
    // What Ctrl-C or a hangup ends here must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without it, nothing is lost but the guard.
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  return () => void guard.kill('SIGKILL')
}
