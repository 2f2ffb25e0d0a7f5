/**
 * The contract of a transport: one technique by which a server reaches a client. A transport is a
 * folder with a server side and a client side, and one line in `registry.ts`; everything else
 * (command line, scenarios, reports, conformance suite) works from this contract.
 */
import type { EndpointKey } from '../scenario/target.ts'
import type { Pace, Session, Target, VirtualClient } from './client-side.ts'
import type { Front, Hub, Meter } from './server-side.ts'

export type {
  Alarms,
  Pace,
  Session,
  Sleeper,
  Target,
  VirtualClient,
  Waiter,
} from './client-side.ts'

export interface Transport {
  /** As on the command line: `sse`. */
  readonly name: string
  /** As in a table's head: `Server-Sent Events`. */
  readonly label: string
  readonly traits: Traits
  /** Every delivery is the answer to a request, so that answers can be empty. */
  readonly hasExchanges: boolean
  /** What a scenario may say of a server of somebody else's that speaks it. */
  readonly endpointKeys: readonly EndpointKey[]
  /** The longest that a delivery may take on a healthy server, milliseconds: how long to drain. */
  worstCaseMs(pace: Pace): number
  /**
   * Puts its server side on the reference server. That side is loaded here, not before: a worker
   * of the swarm has no use for it, and its memory is part of what a client costs.
   */
  mount(front: Front, hub: Hub, meter: Meter): Promise<void>
  /** Makes a client on the lean engine; it connects when told to start. */
  open: Open
  /**
   * How to make one on the libraries that an application would use. They are loaded here, not
   * before: a worker on the lean engine must not pay for their memory.
   */
  openWithLibrary(): Promise<Open>
}

export type Open = (target: Target, session: Session) => VirtualClient

/** What is true of the technique without measuring it: the rows of the comparison. */
interface Traits {
  readonly direction: string
  readonly latency: string
  readonly connectionsHeld: string
  readonly protocol: string
  readonly browserSupport: string
  readonly proxyFirewall: string
  readonly complexity: string
  /** `complexity` on a scale: lowest 0, low 1, medium 2, high 3, and in between. */
  readonly complexityGrade: number
  readonly bestFor: string
  /** A client may send events on the connection on which it receives them. */
  readonly bidirectional: boolean
  /** Clients ask at the scenario's interval, whether there is something to hear or not. */
  readonly keepsInterval: boolean
  /** Its connection stops being HTTP: what speaks nothing else must let it through. */
  readonly needsUpgrade: boolean
  /** Its answer never ends: what passes on whole answers only holds it back. */
  readonly streams: boolean
  /** Browsers need more for it than requests. */
  readonly needsModernBrowser: boolean
}
