import type { Advice, TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { type Candidate, choose } from './choice.ts'
import { measurementWithin, measuringCommand } from './measurement.ts'
import { adviseTechnique, type Technique } from './technique.ts'

/** There are runs, and they do not tell. */
const UNTOLD: ReadonlySet<string> = new Set(['untold', 'invalid', 'not-counted', 'too-few'])

/** Which technique a workload wants, by the run of each that is nearest to it. Pure. */
export function advise(
  workload: Workload,
  results: readonly Result[],
  techniques: readonly Technique[],
): Advice {
  const advised = techniques.map((technique) => adviseTechnique(technique, results, workload))
  const choice = choose(eligibleOf(advised).filter(isCandidate), workload)
  return {
    workload,
    techniques: advised,
    chosen: choice?.chosen.transport ?? null,
    measure: commandFor(workload, advised),
    undecided: choice === null && advised.some(({ status }) => UNTOLD.has(status)),
    decided: choice?.decided ?? [],
  }
}

/** What is beyond the evidence is taken only where everything is, and what the web does not keep last. */
function eligibleOf(advised: readonly TechniqueAdvice[]): readonly TechniqueAdvice[] {
  const suitable = advised.filter(({ status }) => status === 'suitable')
  if (suitable.length > 0) return suitable
  const beyond = advised.filter(({ status }) => status === 'beyond')
  const usual = beyond.filter(({ intervalTooShort }) => !intervalTooShort)
  return usual.length > 0 ? usual : beyond
}

/**
 * Measures what is too far from what was measured. No measurement mends an interval that is too short:
 * it is of interest where nothing else is left.
 */
function commandFor(workload: Workload, advised: readonly TechniqueAdvice[]): string | null {
  const far = advised.filter(({ status, stretches }) => status === 'beyond' && stretches.length > 0)
  const usual = far.filter(({ intervalTooShort }) => !intervalTooShort)
  const isAll = advised.every(({ status }) => status !== 'suitable')
  const asked = usual.length > 0 || !isAll ? usual : far
  if (asked.length === 0) return null
  const named = asked.length < advised.length ? asked.map(({ transport }) => transport) : []
  return measuringCommand(measurementWithin(workload), named)
}

function isCandidate(advice: TechniqueAdvice): advice is Candidate {
  return advice.estimate !== null
}
