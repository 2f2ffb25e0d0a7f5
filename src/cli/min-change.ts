import { RtbenchError } from '../error.ts'
import { showKey } from '../scenario/problem.ts'

/**
 * Reads `--min-change`, up to which a change is none: `10%` → 0.1.
 * @throws RtbenchError `usage`
 */
export function minChangeOf({ minChange = '10%' }: { readonly minChange?: string }): number {
  const digits = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(minChange)?.[1]
  const percent = digits === undefined ? Number.NaN : Number(digits)
  if (percent >= 0.1 && percent <= 100) return percent / 100
  throw new RtbenchError(
    'usage',
    `--min-change: ${showKey(minChange)} is no share from 0.1% to 100%; expected one such as 10%`,
  )
}
