import type { Advice, TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { type Candidate, choose } from './choice.ts'
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
  const choice = choose(advised.filter(isCandidate), workload.clientToServer === 'chatty')
  return {
    workload,
    techniques: advised,
    chosen: choice?.chosen.transport ?? null,
    undecided: choice === null && advised.some(({ status }) => UNTOLD.has(status)),
    decided: choice?.decided ?? [],
  }
}

function isCandidate(advice: TechniqueAdvice): advice is Candidate {
  return advice.status === 'suitable' && advice.estimate !== null
}
