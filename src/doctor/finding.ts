import type { MachineReading } from './machine.ts'

/** `unknown`: the machine does not tell, which stands in nobody's way. */
export type Outcome = 'ok' | 'unknown' | 'warn' | 'fail'

export interface Finding {
  /** `open-files`, for scripts. */
  readonly code: string
  /** `Open files`, for people. */
  readonly title: string
  readonly outcome: Outcome
  /** One line: what it means. */
  readonly text: string
  /** A command to copy, or what to do; null where nothing is to be mended. */
  readonly fix: string | null
}

const GRAVITY: readonly Outcome[] = ['ok', 'unknown', 'warn', 'fail']

/** The gravest outcome of some, as a machine is as good as the worst of them. */
export function gravest(findings: readonly Finding[]): Outcome {
  return GRAVITY.findLast((one) => findings.some(({ outcome }) => outcome === one)) ?? 'ok'
}

// Commands that mend a machine. In a container they are those that start it, since what it may do is
// settled then: so are its settings of `net`, which are not those of its host.

/** A wish for so many open files fits every system that has not been lowered. */
const OPEN_FILES = 100_000

/** @param container `docker`, `podman`, `kubernetes`, another one, or null */
export function raiseOpenFiles(container: string | null): string {
  const wanted = `${OPEN_FILES}:${OPEN_FILES}`
  if (isRun(container)) return `${container} run --ulimit nofile=${wanted} …`
  if (container === 'kubernetes') {
    return `on the node, sudo systemctl edit containerd, and LimitNOFILE=${wanted} under [Service]`
  }
  return `sudo prlimit --pid $$ --nofile=${wanted}`
}

/** Sets a kernel parameter, such as `net.core.somaxconn`. */
export function setKernel(container: string | null, key: string, value: string | number): string {
  const setting = `${key}=${/ /.test(String(value)) ? `"${value}"` : value}`
  if (container === null || !key.startsWith('net.')) return `sudo sysctl -w ${setting}`
  if (isRun(container)) return `${container} run --sysctl ${setting} …`
  if (container === 'kubernetes') return `securityContext.sysctls of the pod: ${setting}`
  return `sudo sysctl -w ${setting}`
}

/** Takes a quota of processor time away, in favour of whole cores. */
export function wholeCores(container: string | null, quota: number): string {
  const cores = Math.max(1, Math.floor(quota))
  if (isRun(container)) return `${container} run --cpuset-cpus 0-${cores - 1} …, without --cpus`
  if (container === 'kubernetes') return 'no limits.cpu for the container of the pod'
  return 'sudo systemctl set-property UNIT CPUQuota= (systemd-cgls names the UNIT)'
}

function isRun(container: string | null): container is 'docker' | 'podman' {
  return container === 'docker' || container === 'podman'
}

export type Judgement = Omit<Finding, 'code' | 'title'>

/** A look at one thing of a machine, judged for so many clients; null for any crowd. */
export type Look = readonly [
  code: string,
  title: string,
  judge: (reading: MachineReading, clients: number | null) => Judgement,
]

export function ok(text: string): Judgement {
  return { outcome: 'ok', text, fix: null }
}

export function bad(outcome: 'warn' | 'fail', text: string, fix: string | null): Judgement {
  return { outcome, text, fix }
}

/** This machine does not tell it. */
export function unknown(text: string): Judgement {
  return { outcome: 'unknown', text, fix: null }
}
