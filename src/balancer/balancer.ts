/**
 * The contract of a front: a program of somebody else's that stands before the instances, takes the
 * clients' connections and says which instance each of them comes to. It is a file here and a line in
 * `registry.ts`.
 */
import type { Program } from './program.ts'

/** How a front chooses the instance of a request. */
export const BALANCES = ['round-robin', 'least-connections', 'cookie', 'hash'] as const
export type Balance = (typeof BALANCES)[number]

/** The cookie by which a front knows where a client belongs; its value is an instance's {@link label}. */
export const COOKIE = 'rtbench'

/** The parameter of a request's query that tells a client from others, where the front goes by a hash. */
export const CLIENT_KEY = 'client'

/** What passes through: how many clients there are, and how long they and the server may be silent. */
export interface Passing {
  readonly clients: number
  /** The longest that a request is held, and the longest between two of a client's. */
  readonly holdMs: number
  readonly intervalMs: number
  /** The longest that a stream, and a socket, are silent. */
  readonly heartbeatMs: number
  readonly pingMs: number
}

/** What a front is to do, and for whom. All addresses are of the loopback interface. */
export interface FrontPlan extends Passing {
  readonly balance: Balance
  /** Its own ports: clients are spread over them. */
  readonly ports: readonly number[]
  /** The ports of each instance. */
  readonly instances: readonly (readonly number[])[]
}

export interface Balancer extends Program {
  /** The text of its configuration, which stands alone. */
  configuration(plan: FrontPlan): string
}

/** An address that a front forwards to. */
export interface Backend {
  /** `i1`, of an instance's second port `i1b`. */
  readonly label: string
  readonly address: string
}

/** The addresses of all instances, the first port of each before the second ones. */
export function backendsOf({ instances }: FrontPlan): readonly Backend[] {
  const most = Math.max(...instances.map((ports) => ports.length))
  return Array.from({ length: most }, (_, at) =>
    instances.flatMap((ports, index) => {
      const port = ports[at]
      const letter = at === 0 ? '' : (at + 10).toString(36)
      return port === undefined
        ? []
        : [{ label: `i${index + 1}${letter}`, address: loopback(port) }]
    }),
  ).flat()
}

export function loopback(port: number): string {
  return `127.0.0.1:${port}`
}

/** Beyond what is promised, so that a front never cuts what is merely late. */
const MARGIN_MS = 10_000

/** The timeouts of a front, whole seconds. */
export function timeoutsOf({ holdMs, intervalMs, heartbeatMs, pingMs }: Passing) {
  const seconds = (ms: number): number => Math.ceil((ms + MARGIN_MS) / 1000)
  return {
    /** Without a byte on a request that is held, or on a stream. */
    silenceS: seconds(Math.max(holdMs, heartbeatMs)),
    /** Without a byte on an upgraded connection: one ping may get lost. */
    tunnelS: seconds(2 * pingMs),
    /** Between two requests of a client. */
    idleS: seconds(Math.max(intervalMs, 50_000)),
    connectS: 5,
    /** Until a request's head is there. */
    headS: 10,
  }
}

/** Connections that a front must be able to have from clients: some of them are about to be closed. */
export function connectionsOf({ clients }: Pick<Passing, 'clients'>): number {
  return Math.ceil(clients * 1.1) + 50
}
