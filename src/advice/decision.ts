import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  missing,
} from '../report/quantity.ts'
import {
  type Advice,
  type Criterion,
  type Estimate,
  type Extrapolation,
  FARTHEST,
  NEGLIGIBLE,
  type TechniqueAdvice,
} from '../result/advice.ts'

/** The answer in a few sentences, with the figure that decided. */
export function decisionOf(advice: Advice): string {
  return decisionLines(advice).join(' ')
}

/** The answer, and in a line of its own, to be copied, the command that measures what is beyond. */
export function decisionLines(advice: Advice): readonly string[] {
  const answer = [answerOf(advice), ...unjudgedOf(advice)].join(' ')
  return advice.measure === null ? [answer] : [answer, `To measure it: ${advice.measure}`]
}

function answerOf(advice: Advice): string {
  const { workload, techniques, chosen, decided } = advice
  const { percentile, latencyUs } = workload.wanted
  const wanted = `${percentile} of ${formatDuration(latencyUs)}`
  const taken = techniques.find(({ transport }) => transport === chosen)
  if (advice.undecided) return untold(advice)
  if (taken === undefined) {
    const fastest = techniques
      .filter(({ status, latencyUs }) => status === 'too-slow' && latencyUs !== null)
      .sort((one, other) => (one.latencyUs ?? 0) - (other.latencyUs ?? 0))[0]
    const nearest =
      fastest === undefined ? '' : `; the nearest is ${fastest.label} with ${latencyText(fastest)}`
    return `None of what was measured keeps a ${percentile} of ${formatDuration(latencyUs)}${nearest}.`
  }
  const meets = `${doubtOf(taken)}${named(taken)}: ${percentile} ${latencyText(taken)} keeps the wanted ${wanted}`
  const steps = decided.flatMap(({ by, against }) => {
    const other = techniques.find(({ transport }) => transport === against)
    if (other === undefined) return []
    const tie = TIE_BREAKERS.has(by) ? costsOf(taken, other) : null
    return [{ reason: reasonOf(by, taken, other), tie }]
  })
  const reasons = steps.map(({ reason, tie }, at) =>
    tie === null || tie === steps[at - 1]?.tie ? reason : `${reason}, as ${tie}`,
  )
  if (reasons.length > 0) return `${meets}; decided by ${reasons.join('; then by ')}.`
  const unknown = techniques.some(({ status }) => !KNOWN.has(status))
  return `${meets}; ${unknown ? 'nothing else that was measured may be taken' : 'it is the only one that may be taken'}.`
}

/** They decide where costs did not. */
const TIE_BREAKERS: ReadonlySet<Criterion> = new Set<Criterion>(['latency', 'complexity'])

/** Of these it is known whether they may be taken. */
const KNOWN: ReadonlySet<string> = new Set(['suitable', 'excluded', 'too-slow'])

/** What an answer is worth that is beyond what was measured; nothing where it is not. */
function doubtOf(taken: TechniqueAdvice): string {
  const { stretches, intervalTooShort, intervalMs } = taken
  const doubts = [
    ...(stretches.length > 0 ? [`an extrapolation to ${extrapolationsPhrase(stretches)}`] : []),
    ...(intervalTooShort && intervalMs !== null
      ? [`clients on the web do not keep an interval of ${formatDuration(intervalMs * 1000)}`]
      : []),
  ]
  return doubts.length === 0 ? '' : `Not to be relied on (${doubts.join('; ')}): `
}

const EXTRAPOLATED: Readonly<Record<Extrapolation['of'], string>> = {
  users: 'the users',
  events: 'the events per user',
  requests: 'the requests per second',
  deliveries: 'the deliveries per second',
  messages: 'the requests per second, for messages,',
}

/** `50 times the users and 100 times the requests per second that were measured` */
function extrapolationsPhrase(stretches: readonly Extrapolation[]): string {
  const parts = stretches.map(
    ({ of, factor }) => `${formatCount(Number(factor.toPrecision(2)))} times ${EXTRAPOLATED[of]}`,
  )
  const last = parts.pop() ?? ''
  return `${parts.length === 0 ? '' : `${parts.join(', ')} and `}${last} that were measured`
}

/** Who might have been the answer, and was not asked: one sentence each. */
function unjudgedOf({ techniques, chosen, undecided }: Advice): readonly string[] {
  // All of them are named by the answer itself then.
  if (undecided) return []
  const taken = techniques.find(({ transport }) => transport === chosen)
  return techniques.flatMap((technique) => {
    const { status, label, reasons, stretches, intervalMs, intervalTooShort } = technique
    const [reason] = reasons
    switch (status) {
      case 'invalid':
      case 'not-counted':
        return [`${label} could not be judged: ${reason}; measure it again.`]
      case 'untold':
        return [`${label} could not be judged: ${reason}; measure on a calmer machine.`]
      case 'too-few':
        return [`${label} could not be judged: ${reason}; measure longer.`]
      case 'not-measured':
        return [`${label} was not measured.`]
      case 'beyond':
        // No measurement would tell otherwise.
        if (intervalTooShort) {
          return taken?.intervalTooShort === true
            ? []
            : [
                `${label} was left out: clients on the web do not keep an interval of ${formatDuration((intervalMs ?? 0) * 1000)}.`,
              ]
        }
        // Of an extrapolation the answer itself says so.
        if (taken?.status === 'beyond') return []
        return [
          `${label} could not be judged: that would be an extrapolation to ${extrapolationsPhrase(stretches)}.`,
        ]
      default:
        return []
    }
  })
}

/** `It cannot be told what keeps a p99 of 5 s: too few deliveries (WebSocket); …` */
function untold({ workload, techniques }: Advice): string {
  const { percentile, latencyUs } = workload.wanted
  const of = (wanted: TechniqueAdvice['status']): string =>
    techniques
      .filter(({ status }) => status === wanted)
      .map(({ label }) => label)
      .join(', ')
  const [few, invalid, rest] = [of('too-few'), of('invalid'), of('not-counted')]
  const between = techniques
    .filter(({ status }) => status === 'untold')
    .map((technique) => `${named(technique)}: ${latencyText(technique)}`)
    .join(', ')
  const less = percentile === 'p50' ? '' : ', or ask for a p50'
  const reasons = [
    ...(between === ''
      ? []
      : [
          `latencies of which so much may be the instrument's own (${between}): measure on a calmer machine`,
        ]),
    ...(few === '' ? [] : [`too few deliveries for it (${few}): measure longer${less}`]),
    ...(invalid === '' ? [] : [`invalid runs (${invalid}): measure again`]),
    ...(rest === '' ? [] : [`runs that were stopped or lost deliveries (${rest}): measure again`]),
  ]
  return `It cannot be told what keeps a ${percentile} of ${formatDuration(latencyUs)}: ${reasons.join('; ')}.`
}

/** `bandwidth: 82 KiB/s against 740 KiB/s of Short polling every 500 ms, 9 times as much` */
function reasonOf(by: Criterion, taken: TechniqueAdvice, against: TechniqueAdvice): string {
  const figures = (read: (advice: TechniqueAdvice) => number | null, format: Format): string => {
    const [ours, theirs] = [read(taken), read(against)]
    return `${format(ours)} against ${format(theirs)} of ${named(against)}${timesAsMuch(ours, theirs)}`
  }
  switch (by) {
    case 'bidirectional':
      return `traffic from the clients: it carries both ways on one connection, ${against.label} does not`
    case 'cpu':
      return `server CPU: ${figures(({ estimate }) => estimate?.serverCores ?? null, cores)}`
    case 'bandwidth':
      return `bandwidth: ${bandwidthReason(taken, against)}`
    case 'memory':
      return `server memory: ${figures(({ estimate }) => estimate?.serverMemoryBytes ?? null, formatBytes)}`
    case 'complexity':
      return `simplicity: complexity ${taken.complexity} against ${against.complexity} of ${named(against)}`
    case 'latency':
      return `latency: ${latencyText(taken)} against ${latencyText(against)} of ${named(against)}${timesAsMuch(taken.latencyUs, against.latencyLowerUs ?? against.latencyUs)}`
  }
}

/** With both its bounds, where they differ visibly. */
export function latencyText({ latencyUs, latencyLowerUs }: TechniqueAdvice): string {
  return latencyUs === null
    ? missing
    : formatBounds({ lowerUs: latencyLowerUs ?? latencyUs, upperUs: latencyUs })
}

/** `, 9 times as much`; nothing where they are about as much. */
function timesAsMuch(ours: number | null, theirs: number | null, upTo = ''): string {
  const times = ours !== null && theirs !== null && ours > 0 ? theirs / ours : Number.NaN
  return times >= 1.1 ? `, ${upTo}${formatCount(times)} times as much` : ''
}

function bandwidthReason(taken: TechniqueAdvice, against: TechniqueAdvice): string {
  const [ours, theirs] = [taken.estimate, against.estimate]
  if (ours === null || theirs === null) return missing
  const times = timesAsMuch(
    ours.bytesPerSecond,
    theirs.bytesPerSecond,
    ours.bytesAtLeast ? 'up to ' : '',
  )
  return `${bandwidthOf(ours)} against ${bandwidthOf(theirs)} of ${named(against)}${times}`
}

/** Why costs did not decide: both are next to nothing, or differ by little. */
function costsOf(taken: TechniqueAdvice, against: TechniqueAdvice): string {
  const [ours, theirs] = [taken.estimate, against.estimate]
  if (ours === null || theirs === null) return 'costs are not known'
  const bandwidths = `${bandwidthOf(ours)} against ${bandwidthOf(theirs)}`
  const both = [ours, theirs]
  if (both.some((it) => it.serverCores === null || it.cpuFactor > FARTHEST)) {
    return `the server CPU of so much load is not known, and bandwidth differs by little: ${bandwidths}`
  }
  const areLow = both.every(
    (it) =>
      !it.bytesAtLeast &&
      (it.serverCores ?? 0) <= NEGLIGIBLE.serverCores &&
      it.bytesPerSecond <= NEGLIGIBLE.bytesPerSecond,
  )
  return areLow
    ? `both cost little: below ${NEGLIGIBLE.serverCores} cores and ${perSecond(NEGLIGIBLE.bytesPerSecond)}`
    : `costs differ by little: ${cores(ours.serverCores)} against ${cores(theirs.serverCores)}, ${bandwidths}`
}

type Format = (figure: number | null) => string

export const cores: Format = (figure) => {
  if (figure === null) return missing
  return figure < 0.01 ? '< 0.01 cores' : `${formatCount(figure)} cores`
}
const perSecond = (bytes: number): string => `${formatBytes(bytes)}/s`

/** `≥ 2.02 KiB/s` where it is understated. */
export function bandwidthOf(estimate: Estimate): string {
  return least(estimate) + perSecond(estimate.bytesPerSecond)
}

/** Before bytes that are understated. */
export function least({ bytesAtLeast }: Estimate): string {
  return bytesAtLeast ? '≥ ' : ''
}

/** `Short polling every 500 ms` */
function named({ label, intervalMs }: TechniqueAdvice): string {
  return intervalMs === null ? label : `${label} every ${formatDuration(intervalMs * 1000)}`
}
