import type { Advice, TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { busAdvice } from './bus.ts'
import { type Candidate, choose } from './choice.ts'
import { ENOUGH_RUNS, measuringCommand } from './measurement.ts'
import { adviseTechnique, type Technique } from './technique.ts'

/** There are runs, and they do not tell. */
const UNTOLD: ReadonlySet<string> = new Set(['untold', 'invalid', 'not-counted', 'too-few'])

/** Which technique a workload wants: those that keep its latency, by what they cost. Pure. */
export function advise(
  workload: Workload,
  results: readonly Result[],
  techniques: readonly Technique[],
  prefer = 'simple',
): Advice {
  const advised = techniques.map((technique) => adviseTechnique(technique, results, workload))
  const { among, decided, untold } = choose(
    eligibleOf(advised).filter(isCandidate),
    workload,
    prefer,
  )
  const [first, ...others] = among
  return {
    workload,
    prefer,
    techniques: advised,
    chosen: others.length > 0 ? null : (first?.transport ?? null),
    among: among.map(({ transport }) => transport),
    undecided: first === undefined && advised.some(({ status }) => UNTOLD.has(status)),
    decided,
    untold,
    bus: workload.instances > 1 ? busAdvice(workload.instances, workload, results) : null,
    measure: commandFor(workload, advised, untold.length > 0, prefer),
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

/** Where runs are missing, or too far away, or too few to say how sure an estimate is; and a measurement here would tell. */
function commandFor(
  workload: Workload,
  advised: readonly TechniqueAdvice[],
  isOpen: boolean,
  prefer: string,
): string | null {
  // No measurement mends an interval that is too short for the web.
  const lacking = advised.some(
    ({ status, stretches, evidence, intervalTooShort }) =>
      UNTOLD.has(status) ||
      status === 'not-measured' ||
      (status === 'beyond' && stretches.length > 0 && !intervalTooShort) ||
      (status === 'suitable' && (evidence?.runs ?? 0) < ENOUGH_RUNS),
  )
  return lacking || isOpen ? measuringCommand(workload, prefer) : null
}

function isCandidate(advice: TechniqueAdvice): advice is Candidate {
  return advice.estimate !== null
}
