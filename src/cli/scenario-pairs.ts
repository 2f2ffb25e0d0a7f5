import { RtbenchError } from '../error.ts'
import type { Result } from '../result/document.ts'

/** The results of one scenario, of both sides. */
export interface ScenarioPair {
  /** Its name, as the baseline has it. */
  readonly scenario: string
  readonly baseline: readonly Result[]
  readonly candidate: readonly Result[]
}

/**
 * Pairs the results of two sides by the names of their scenarios. Where both sides have one name
 * each, they are taken for a pair whatever the names are: what is one scenario is another's question.
 * @throws RtbenchError `usage` where a scenario is on one side only
 */
export function pairsOf(
  baseline: readonly Result[],
  candidate: readonly Result[],
): readonly ScenarioPair[] {
  const before = byName(baseline)
  const after = byName(candidate)
  const [name] = before.keys()
  if (before.size === 1 && after.size === 1 && name !== undefined) {
    return [{ scenario: name, baseline, candidate }]
  }
  const lonely = [
    ...missingOf(before, after).map((one) => `${one} is in the baseline only`),
    ...missingOf(after, before).map((one) => `${one} is in the candidate only`),
  ]
  if (lonely.length > 0) {
    throw new RtbenchError(
      'usage',
      `scenarios without a partner: ${lonely.join('; ')}; give both sides the same scenarios`,
    )
  }
  return [...before].map(([scenario, results]) => ({
    scenario,
    baseline: results,
    candidate: after.get(scenario) ?? [],
  }))
}

function byName(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const group = groups.get(result.scenario.name)
    if (group === undefined) groups.set(result.scenario.name, [result])
    else group.push(result)
  }
  return groups
}

function missingOf(
  names: ReadonlyMap<string, unknown>,
  others: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...names.keys()].filter((name) => !others.has(name))
}
