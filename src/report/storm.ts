/** How clients came back that a disruption had cost their connection, in words. */
import type { Result, Run } from '../result/document.ts'
import { counted } from '../text.ts'
import { formatAmount, formatBytes, formatCount, formatDuration } from './quantity.ts'
import { runName } from './wording.ts'

type Storm = NonNullable<Run['storm']>

/** A line for each run in which clients lost their connection: when they were back, how they came, and what it took. */
export function stormNotes({ runs, sweep, scenario }: Result): readonly string[] {
  return runs.flatMap((run) => {
    const { storm } = run
    if (storm === undefined) return []
    const parts = [returns(storm), crowd(storm, scenario.backoff), price(storm), latency(storm)]
    return [`Back, ${runName(run, sweep)}, after ${storm.by}: ${parts.join('; ')}.`]
  })
}

/** `half of 3,334 in 1.8 s, 90 % in 2.4 s, 99 % in 3 s, all in 3.2 s` */
function returns({ clients, back }: Storm): string {
  const shares = [
    [`half of ${counted(clients, 'client')}`, back.p50Us],
    ['90 %', back.p90Us],
    ['99 %', back.p99Us],
    ['all', back.maxUs],
  ] as const
  const known = shares.flatMap(([share, us]) =>
    us === null ? [] : [`${share} in ${formatDuration(us)}`],
  )
  const missing = clients - back.count
  return [...known, ...(missing === 0 ? [] : [`${formatCount(missing)} not`])].join(', ')
}

function crowd({ connects, queue }: Storm, backoff: string): string {
  const { peakPerSecond, peakPerTenth, herdShare } = connects
  const jitter = backoff === 'none' ? ' without jitter' : ''
  const peak = `up to ${counted(peakPerSecond, 'connect')} in a second and ${formatCount(peakPerTenth)} in a tenth of one`
  const herd = herdShare === null ? '' : ` (${formatAmount('ratio', herdShare)} of all)`
  return `${peak}${herd}${jitter}${queue === null ? '' : `, ${waitingAt(queue)}`}`
}

function waitingAt({ peak, limit, overflows }: NonNullable<Storm['queue']>): string {
  const most = limit === null ? '' : ` of at most ${formatCount(limit)}`
  const full =
    overflows === null
      ? ''
      : overflows === 0
        ? ', never full'
        : `, ${formatCount(overflows)} refused`
  return `${formatCount(peak)} in the accept queue${most}${full}`
}

function price({ cost, events }: Storm): string {
  const { bytesPerClient, serverCpuUsPerClient, generatorCpuUsPerClient } = cost
  const parts = [
    ...(bytesPerClient === null ? [] : [formatBytes(bytesPerClient)]),
    ...(serverCpuUsPerClient === null
      ? []
      : [`${formatDuration(serverCpuUsPerClient)} of the server's processor`]),
    ...(generatorCpuUsPerClient === null
      ? []
      : [`${formatDuration(generatorCpuUsPerClient)} of the clients'`]),
  ]
  const each = parts.length === 0 ? '' : `${parts.join(', ')} for each of them; `
  const { replayed, missed, duplicates, gaps } = events
  return `${each}${formatCount(replayed)} replayed, ${formatCount(missed)} missed, ${counted(duplicates, 'duplicate')}, ${counted(gaps, 'gap')} declared`
}

function latency({ recovery: { calmP99Us, afterUs } }: Storm): string {
  if (calmP99Us === null) return 'too few events before it to tell when push latency was as before'
  const limit = `twice the p99 of before (${formatDuration(calmP99Us)})`
  return afterUs === null
    ? `push latency did not come back to ${limit} in the window`
    : `push latency above ${limit} for ${formatDuration(afterUs)}`
}
