import type { z } from 'zod'
import type { EndpointKey } from './target.ts'
import type { TransportNames } from './transport-name.ts'

/** Under which heading a key is told, in this order. */
export const KEY_GROUPS = [
  'What happens',
  'How long',
  'The techniques',
  'The machine',
  "Somebody else's server",
  'The result',
] as const

/** What makes the zod types of an entry; zod itself is loaded where one is made, and not for help. */
export type Kit = typeof import('./field.ts') & typeof import('./target.ts')

/** What a scenario is checked against besides itself. */
export interface Bounds extends TransportNames {
  /** The length of the longest mark: a payload must hold it. */
  readonly minPayloadBytes: number
  /** What the description of a server may say of a transport. */
  readonly endpointKeys: (transport: string) => readonly EndpointKey[]
}

/** What is known of a scenario when the rest of it is filled in. */
export interface Beginning {
  readonly clients: number
  readonly durationMs: number
  readonly workload: string
  /** The name that follows from where the scenario comes from, or from what it measures. */
  readonly usualName: string
  readonly randomSeed: () => number
}

/** What of a transport decides whether a key changes anything for it. */
export interface Conduct {
  /** It gets events by requests. */
  readonly hasExchanges: boolean
  readonly traits: { readonly keepsInterval: boolean }
}

/** The unit of a resolved value; with one, a number is written and printed as what it is. */
type Unit =
  | 'ms'
  | 'bytes'
  | 'events/s'
  | 'messages/s'
  | 'clients'
  | 'channels'
  | 'instances'
  | 'repetitions'

/** What values are called that are numbers where they look like one, in a flag as in a file. */
export const NUMBERS = new Set<unknown>(['count', 'events', 'messages', 'bytes', 'time', 'number'])

/** All that is said of a key of a scenario. */
export interface KeyEntry {
  readonly group: (typeof KEY_GROUPS)[number]
  /** What its value is called after its flag, `count`; without one no flag can say it. */
  readonly argument?: string
  /** It is true or false, and its flag says that it is true. */
  readonly isSwitch?: true
  /** One line, without a full stop. */
  readonly meaning: string
  /** The default as a file writes it; missing where no value is usual. */
  readonly usual?: string | number | boolean
  /** The default in words, or what is to be added to it. */
  readonly usualWords?: string
  /** Values that a file may give, beside the usual. */
  readonly examples: readonly unknown[]
  /** How a value is read, into its base unit. */
  field(kit: Kit, bounds: Bounds & { readonly sweepKeys: readonly string[] }): z.ZodType
  /** What counts where nobody says anything, in place of the usual as it is read. */
  fallback?(usual: unknown, beginning: Beginning): unknown
  /** What the value is called once it is resolved; the key's own name by default. */
  readonly name?: string
  readonly unit?: Unit
  /** How a resolved value is written in a file, where that does not follow from its unit. */
  written?(value: unknown): unknown
  /** How a result keeps the value; missing where the resolved scenario has none. */
  kept?(kit: Kit): z.ZodType
  /** A sweep may vary it: a number that changes what a transport does. */
  readonly isSwept?: true
  /** Whether it changes what a transport does; every key does, by default. */
  concerns?(transport: Conduct): boolean
  /** What a report calls it; missing where a report has it elsewhere. */
  readonly label?: string
  /** What a report says in place of some values; empty where it says nothing. */
  readonly shownAs?: Readonly<Record<string, string>>
}
