import type { Scenario } from '../scenario/scenario.ts'

export type SideName = 'baseline' | 'candidate'

/** One run of a side of a pair. */
export interface Turn {
  readonly transport: string
  readonly repetition: number
  readonly side: SideName
}

/** Every repetition begins with the other side, and with another transport. */
export function turnsOf({ transports, repeat }: Pick<Scenario, 'transports' | 'repeat'>): Turn[] {
  return Array.from({ length: repeat }, (_, round) =>
    transports.flatMap((_, place) => {
      const transport = transports[(place + round) % transports.length] as string
      const sides = round % 2 === 0 ? ORDER : ORDER.toReversed()
      return sides.map((side) => ({ transport, repetition: round + 1, side }))
    }),
  ).flat()
}

const ORDER: readonly SideName[] = ['baseline', 'candidate']
