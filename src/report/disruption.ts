/** What was done to runs on purpose, and what came of it, in words. */
import type { Result, Run } from '../result/document.ts'
import { DISRUPTIONS, type DisruptionKind } from '../scenario/disruption.ts'
import { counted } from '../text.ts'
import { formatCount, formatDuration } from './quantity.ts'
import { runName } from './wording.ts'

type Told = NonNullable<Run['disruptions']>[number]

/** A line for each disruption of each run: to what it was done, who lost a connection, and when they were back. */
export function disruptionNotes({ runs, sweep }: Result): readonly string[] {
  return runs.flatMap((run) => {
    const { disruptions = [], delivery } = run
    if (disruptions.length === 0) return []
    const lost = delivery.lost === 0 ? 'nothing was lost' : `${formatCount(delivery.lost)} lost`
    const gapped = delivery.gapped ?? 0
    const sum = `${lost}${gapped === 0 ? '' : `, ${formatCount(gapped)} in gaps that the server declared`}`
    const lines = disruptions.map((one) => `${one.what}: ${describe(one)}`)
    return [`Disrupted, ${runName(run, sweep)}: ${lines.join('. ')}. In the end ${sum}.`]
  })
}

function describe(told: Told): string {
  const { problem, causes, noticed, back, attempts } = told
  if (problem !== null) return `not made, ${problem}`
  const done = doneOf(told)
  if (noticed.count === 0) return `${done}; no client lost a connection`
  const seen = Object.entries(causes)
    .sort(([, one], [, other]) => other - one)
    .map(([cause, count]) => `${formatCount(count)} ${cause}`)
  const late = `noticed ${within(noticed)}`
  const returned =
    back.count === 0
      ? 'none came back'
      : `${formatCount(back.count)} back ${within(back)} by ${counted(attempts, 'connect')}`
  return `${done}; ${counted(noticed.count, 'connection')} lost (${seen.join(', ')}), ${late}; ${returned}`
}

/** `instance 1 killed at 2.0 s, for 1.2 s` */
function doneOf({ kind, instance, hit, fromMs, toMs }: Told): string {
  const what = labelOf(kind)
  const named =
    instance === null ? what : what.replace(/^instance/, `instance ${formatCount(instance + 1)}`)
  const at = fromMs === null ? '' : ` at ${formatDuration(fromMs * 1e3)}`
  const span =
    toMs === null || fromMs === null ? '' : `, for ${formatDuration((toMs - fromMs) * 1e3)}`
  const clients = hit === null ? '' : instance === null ? `${formatCount(hit)} ` : ''
  const of = hit !== null && instance !== null ? ` with ${counted(hit, 'client')}` : ''
  return `${clients}${named}${of}${at}${span}`
}

function labelOf(kind: string): string {
  return Object.hasOwn(DISRUPTIONS, kind) ? DISRUPTIONS[kind as DisruptionKind].label : kind
}

function within({ p50Us, maxUs }: Told['noticed']): string {
  return `in ${formatDuration(p50Us)} (the last in ${formatDuration(maxUs)})`
}
