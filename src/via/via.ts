/**
 * The contract of a proxy: a program of somebody else's that stands between the clients and one server, as
 * its makers' first page configures it, or as real-time traffic needs it. It is a file here and a line in
 * `registry.ts`.
 */
import type { Passing } from '../balancer/balancer.ts'
import type { Program } from '../balancer/program.ts'

/** `default`: the minimal one of its documentation; `recommended`: what each technique needs beside. */
export const CONFIGURATIONS = ['default', 'recommended'] as const
export type Configuration = (typeof CONFIGURATIONS)[number]

/** What a proxy is to do, and for whom. All addresses are of the loopback interface. */
export interface ViaPlan extends Passing {
  /** Its own port. */
  readonly port: number
  /** The server's. */
  readonly upstream: number
}

export interface Via extends Program {
  /** `reverse`: it stands for the server; `forward`: clients know it, and name the server to it. */
  readonly role: 'reverse' | 'forward'
  /** How many clients' held connections it has room for, by its configuration; null where that sets no limit. */
  room(configuration: Configuration, plan: Pick<ViaPlan, 'clients'>): number | null
  /**
   * The text of a configuration, which stands alone.
   * @param folder its own
   */
  configuration(configuration: Configuration, plan: ViaPlan, folder: string): string
}

/** `nginx's default configuration` */
export function namedConfiguration({ label }: Program, configuration: Configuration): string {
  return `the ${configuration} configuration of ${label}`
}
