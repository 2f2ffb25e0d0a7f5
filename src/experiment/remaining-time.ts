import type { Scenario } from '../scenario/scenario.ts'
import type { Phase, Progress } from '../swarm/progress.ts'

type Times = Pick<Scenario, 'rampUpMs' | 'warmupMs' | 'durationMs'>

/**
 * How long all runs still take, milliseconds, as far as the scenario says: a ramp-up without a time
 * of its own and the drain end when they end, and count for nothing.
 *
 * @param runsToCome after the one under way
 */
export function remainingMs(
  { phase, phaseElapsedMs }: Pick<Progress, 'phase' | 'phaseElapsedMs'>,
  { rampUpMs, warmupMs, durationMs }: Times,
  runsToCome: number,
): number {
  const phases: readonly (readonly [Phase, number])[] = [
    ['starting', 0],
    ['ramp-up', rampUpMs ?? 0],
    ['warm-up', warmupMs],
    ['steady', durationMs],
    ['drain', 0],
    ['done', 0],
  ]
  const run = phases.reduce((sum, [, ms]) => sum + ms, 0)
  const current = phases.findIndex(([name]) => name === phase)
  const ofThis = phases.slice(current).reduce((sum, [, ms]) => sum + ms, 0)
  const elapsed = Math.min(phaseElapsedMs, phases[current]?.[1] ?? 0)
  return ofThis - elapsed + runsToCome * run
}
