/** `unknown`: the machine does not tell, which stands in nobody's way. */
export type Outcome = 'ok' | 'unknown' | 'warn' | 'fail'

/** What one look at the machine says. */
export interface Finding {
  /** `open-files`, for scripts. */
  readonly code: string
  /** `Open files`, for people. */
  readonly title: string
  readonly outcome: Outcome
  /** One line: what it means. */
  readonly text: string
  /** A command to copy, or what to do; null where nothing is to be mended. */
  readonly fix: string | null
}

const GRAVITY: readonly Outcome[] = ['ok', 'unknown', 'warn', 'fail']

/** The gravest outcome of some, as a machine is as good as the worst of them. */
export function gravest(findings: readonly Finding[]): Outcome {
  return findings.reduce<Outcome>(
    (worst, { outcome }) => (GRAVITY.indexOf(outcome) > GRAVITY.indexOf(worst) ? outcome : worst),
    'ok',
  )
}
