import { auditHistory, type HistoryVerdict } from '../../history/reader.ts'
import { describeHistory, isJudged, isKept } from '../../history/telling.ts'
import { printableLines } from '../../text.ts'
import { ExitCode } from '../exit-code.ts'
import { refuse } from '../flags.ts'

interface AuditOptions {
  readonly json?: boolean
  /** Of each kind of violation. */
  readonly examples?: string
}

/** Judges histories, and tells all that is wrong with them. */
export async function act(
  files: readonly string[],
  { json, examples }: AuditOptions,
): Promise<ExitCode> {
  const most = examplesOf(examples)
  const verdicts: (HistoryVerdict & { readonly file: string })[] = []
  for (const file of files) verdicts.push({ file, ...(await auditHistory(file, most)) })
  const text = json
    ? `${JSON.stringify(verdicts.length === 1 ? verdicts[0] : verdicts, null, 2)}\n`
    : verdicts
        .flatMap(({ file, ...verdict }) => describeHistory(file, verdict))
        .map((line) => `${printableLines(line)}\n`)
        .join('')
  process.stdout.write(text)
  if (!verdicts.every(isKept)) return ExitCode.partial
  return verdicts.every(isJudged) ? ExitCode.done : ExitCode.inconclusive
}

function examplesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  return refuse('--examples', `${JSON.stringify(text)} is no number of violations; expected 5, say`)
}
