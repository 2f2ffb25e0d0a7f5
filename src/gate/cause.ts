import { ExitCode } from '../cli/exit-code.ts'
import type { Check } from '../report/check.ts'
import type { Gated } from './gate.ts'

/** As many of what decided are named; the table has all. */
const MOST_NAMED = 3

/** Why a gate ends as it does: `exit code 4: a measurement is invalid (…)`; null where all is well. */
export function causeOf(code: ExitCode, gated: readonly Gated[]): string | null {
  if (code === ExitCode.done) return null
  const deciding = gated
    .filter((one) => one.code === code)
    .flatMap(({ suite: { name, checks } }) =>
      decidersOf(code, checks).map((check) => `${name}, ${check.transport}: ${check.name}`),
    )
  const more = deciding.length - MOST_NAMED
  const named = [...deciding.slice(0, MOST_NAMED), ...(more > 0 ? [`${more} more`] : [])].join('; ')
  return `exit code ${code}: ${CAUSES[code]}${named === '' ? '' : ` (${named})`}`
}

const CAUSES: Readonly<Record<ExitCode, string>> = {
  [ExitCode.done]: 'nothing regressed',
  [ExitCode.couldNotRun]: 'a scenario could not be measured',
  [ExitCode.usage]: 'wrong usage',
  [ExitCode.threshold]: 'regressed, or a threshold was missed',
  [ExitCode.invalid]: 'a measurement is invalid, or does not tell',
  [ExitCode.partial]: 'a run is partial or was not measured',
  [ExitCode.notWritten]: 'something could not be written',
  [ExitCode.interrupted]: 'interrupted',
}

const VERDICTS: Readonly<Partial<Record<ExitCode, string>>> = {
  [ExitCode.couldNotRun]: 'not measured',
  [ExitCode.invalid]: 'invalid',
  [ExitCode.partial]: 'partial',
}

function decidersOf(code: ExitCode, checks: readonly Check[]): readonly Check[] {
  if (code === ExitCode.threshold) return checks.filter(({ outcome }) => outcome === 'failed')
  const decisive = VERDICTS[code]
  if (decisive === undefined) return []
  const errored = checks.filter(({ outcome }) => outcome === 'errored')
  const named = errored.filter(({ verdict }) => verdict === decisive)
  // One that is both has but one verdict.
  return named.length > 0 ? named : errored
}
