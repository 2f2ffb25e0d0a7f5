import type { Advice, TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { type Candidate, choose } from './choice.ts'
import { measurementWithin, measuringCommand } from './measurement.ts'
import { adviseTechnique, type Technique } from './technique.ts'

/** There are runs, and they do not tell. */
const UNTOLD: ReadonlySet<string> = new Set(['invalid', 'not-counted', 'too-few'])

/** Which technique a workload wants, by the run of each that is nearest to it. Pure. */
export function advise(
  workload: Workload,
  results: readonly Result[],
  techniques: readonly Technique[],
): Advice {
  const advised = techniques.map((technique) => adviseTechnique(technique, results, workload))
  const of = (status: TechniqueAdvice['status']): readonly TechniqueAdvice[] =>
    advised.filter((advice) => advice.status === status)
  // What is beyond the evidence is taken only where everything is.
  const [suitable, beyond] = [of('suitable'), of('beyond')]
  const choice = choose((suitable.length > 0 ? suitable : beyond).filter(isCandidate), workload)
  return {
    workload,
    techniques: advised,
    chosen: choice?.chosen.transport ?? null,
    measure: commandFor(workload, beyond, beyond.length < advised.length),
    undecided: choice === null && advised.some(({ status }) => UNTOLD.has(status)),
    decided: choice?.decided ?? [],
  }
}

/** Of what a measurement nearer to the workload would tell about; an interval is no such thing. */
function commandFor(
  workload: Workload,
  beyond: readonly TechniqueAdvice[],
  isPart: boolean,
): string | null {
  if (beyond.every(({ stretches }) => stretches.length === 0)) return null
  const named = isPart ? beyond.map(({ transport }) => transport) : []
  return measuringCommand(measurementWithin(workload), named)
}

function isCandidate(advice: TechniqueAdvice): advice is Candidate {
  return advice.estimate !== null
}
