import type { Finding } from './finding.ts'
import { limitFindings } from './limits.ts'
import type { MachineReading } from './reading.ts'
import { steadinessFindings } from './steadiness.ts'

/**
 * All that a machine's reading says about measuring on it.
 * @param clients the crowd that it is judged for; null for any
 */
export function examine(reading: MachineReading, clients: number | null): readonly Finding[] {
  return [...limitFindings(reading, clients), ...steadinessFindings(reading)]
}
