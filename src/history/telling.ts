/** A history's verdict in words. */
import { counted } from '../text.ts'
import {
  countViolations,
  type RunVerdict,
  VIOLATIONS,
  type Violation,
  type ViolationKind,
} from './audit.ts'
import type { HistoryVerdict } from './reader.ts'
import type { RunCounts } from './record.ts'

const FIGURES: Readonly<Record<keyof RunCounts, string>> = {
  expected: 'expected',
  missing: 'missing',
  gapped: 'missing in gaps',
  duplicates: 'duplicates',
  outOfOrder: 'out of order',
  damaged: 'damaged',
  foreign: 'foreign',
  misrouted: 'misrouted',
  gapSignals: 'gap signals',
}

/** Whether there was something to judge in each run. */
export function isJudged({ runs }: Pick<HistoryVerdict, 'runs'>): boolean {
  return runs.every((run) => run.isJudged)
}

/** Whether the law was kept, and the runs had counted the same. */
export function isKept({ runs }: Pick<HistoryVerdict, 'runs'>): boolean {
  return runs.every((run) => countViolations(run) === 0 && (run.disagreements ?? []).length === 0)
}

/** The lines of a verdict. @param file its name */
export function describeHistory(file: string, { runs, tornLine }: HistoryVerdict): string[] {
  const torn =
    tornLine === null ? [] : [`${file}:${tornLine}: is cut off: the run was killed; left out`]
  return [...runs.flatMap((run) => describeRun(file, run)), ...torn]
}

function describeRun(file: string, verdict: RunVerdict): string[] {
  const { run, examples, violations } = verdict
  const count = countViolations(verdict)
  const name = `${run.transport} #${run.repetition}`
  if (!verdict.isJudged && count === 0) {
    return [`${file}: ${name}: nothing was judged: ${blank(verdict)}`]
  }
  const judged = count === 0 ? 'the law was kept' : `${counted(count, 'violation')} of the law`
  const kinds = (Object.keys(VIOLATIONS) as ViolationKind[]).filter((kind) => violations[kind] > 0)
  return [
    `${file}: ${name}: ${judged}`,
    `  ${happened(verdict)}`,
    `  ${owed(verdict)}`,
    ...kinds.flatMap((kind) => [
      `  ${kind} ${violations[kind].toLocaleString('en-US')}`,
      ...examples.filter((one) => one.kind === kind).map((one) => `    ${describe(one)}`),
      ...more(violations[kind] - examples.filter((one) => one.kind === kind).length),
    ]),
    ...agreement(verdict).map((line) => `  ${line}`),
  ]
}

/** Why a run has no event. */
function blank({ isWhole }: RunVerdict): string {
  return isWhole ? 'no event was published' : 'the run ended before an event was published'
}

function happened(verdict: RunVerdict): string {
  const { clients, publishes, deliveries, replayed } = verdict
  const { acknowledged, refused, unknown } = publishes
  const parts = [
    counted(clients, 'client'),
    `${counted(acknowledged, 'event')} acknowledged`,
    ...(refused > 0 ? [`${refused.toLocaleString('en-US')} refused`] : []),
    ...(unknown > 0 ? [`${unknown.toLocaleString('en-US')} unknown`] : []),
    `${deliveries.toLocaleString('en-US')} ${deliveries === 1 ? 'delivery' : 'deliveries'}`,
    ...(replayed > 0 ? [`${replayed.toLocaleString('en-US')} of them replayed`] : []),
    ...(verdict.connectionsLost > 0
      ? [`${counted(verdict.connectionsLost, 'connection')} lost`]
      : []),
    ...(verdict.gaps > 0 ? [`${counted(verdict.gaps, 'gap')} declared`] : []),
    ...(verdict.disruptions > 0 ? [counted(verdict.disruptions, 'disruption')] : []),
  ]
  return parts.join(', ')
}

function owed(verdict: RunVerdict): string {
  const parts = [
    [verdict.kept, 'came'],
    [verdict.inGaps, 'in declared gaps'],
    [verdict.notSubscribed, 'due while a client was away that came back without a cursor'],
    [verdict.undecided, 'not to be decided'],
    [verdict.violations.lost, 'lost'],
  ] as const
  const told = parts
    .filter(([count], index) => count > 0 || index === 0)
    .map(([count, what]) => `${count.toLocaleString('en-US')} ${what}`)
  const excused =
    verdict.excused === 0
      ? ''
      : `; ${verdict.excused.toLocaleString('en-US')} came again in replays without a cursor`
  return `owed ${verdict.owed.toLocaleString('en-US')}: ${told.join(', ')}${excused}`
}

function describe(violation: Violation): string {
  const { kind, client, channel, from, sequence, atUs, line, publishLine, after } = violation
  const event = sequence === null ? 'a payload' : `event ${sequence}`
  const sender = from === null ? '' : ` of client ${from}`
  const where = channel === null ? '' : `, channel ${channel}`
  const published = publishLine === null ? '' : `, published in line ${publishLine}`
  const seen = line === 0 ? '' : `line ${line}: `
  const disruption = after === null ? '' : `, after ${after.kind} at ${seconds(after.atUs)}`
  return `${seen}client ${client}${where}: ${event}${sender} ${VIOLATIONS[kind]} (${seconds(atUs)}${published}${disruption})`
}

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`
}

function more(count: number): string[] {
  return count > 0 ? [`    and ${count.toLocaleString('en-US')} more`] : []
}

function agreement({ isWhole, disagreements }: RunVerdict): string[] {
  if (!isWhole) {
    return ['the run has no end here: what it was owed then, and what else was published, is open']
  }
  if (disagreements === null) return ['the run lost a part of itself, and its counts with it']
  if (disagreements.length === 0) return ['the run counted the same']
  return disagreements.map(
    ({ figure, run, history }) =>
      `the run counted ${FIGURES[figure]} ${run.toLocaleString('en-US')}, and its history has ${history.toLocaleString('en-US')}`,
  )
}
