import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  missing,
} from '../report/quantity.ts'
import { listed } from '../report/wording.ts'
import {
  type Advice,
  type Amount,
  type Cost,
  type Decision,
  type Extrapolation,
  NEGLIGIBLE,
  type TechniqueAdvice,
} from '../result/advice.ts'

/** The answer in a few sentences, with the figure that decided. */
export function decisionOf(advice: Advice): string {
  return decisionLines(advice).join(' ')
}

/** The answer; what of it is an opinion; and in a line of its own, to be copied, the command that measures what is missing. */
export function decisionLines(advice: Advice): readonly string[] {
  return [
    [answerOf(advice), ...unjudgedOf(advice)].join(' '),
    ...opinionOf(advice),
    ...(advice.measure === null ? [] : [`To measure it: ${advice.measure}`]),
  ]
}

function answerOf(advice: Advice): string {
  const { workload, among, decided, untold } = advice
  const { percentile, latencyUs } = workload.wanted
  const wanted = `${percentile} of ${formatDuration(latencyUs)}`
  const left = among.flatMap((name) => techniqueOf(advice, name) ?? [])
  const [taken, ...others] = left
  if (advice.undecided) return cannotTell(advice)
  if (taken === undefined) return noneOf(advice)
  const reasons = decided
    .filter(({ isOpinion }) => !isOpinion)
    .flatMap((step) => reasonOf(step, taken, techniqueOf(advice, step.against)))
  const decidedBy = reasons.length === 0 ? '' : `; decided by ${reasons.join('; then by ')}`
  if (others.length === 0) {
    const meets = `${doubtOf(taken)}${named(taken)}: ${percentile} ${latencyText(taken)} keeps the wanted ${wanted}`
    if (decided.length > 0) return `${meets}${decidedBy}.`
    const unknown = advice.techniques.some(({ status }) => !KNOWN.has(status))
    return `${meets}; ${unknown ? 'nothing else that was measured may be taken' : 'it is the only one that may be taken'}.`
  }
  const names = left.map((one) => `${named(one)} (${latencyText(one)})`)
  const costs = [...new Set(untold.map(({ by }) => by))].map((by) => {
    const open = new Set(untold.filter((one) => one.by === by).flatMap(({ pair }) => pair))
    const figures = left
      .filter(({ transport }) => open.has(transport))
      .map((one) => `${one.label} ${amountText(by, one)}`)
    return `${COSTS[by].noun}: ${listed(figures)}`
  })
  return `${doubtOf(taken)}${listed(names)} keep the wanted ${wanted} and cannot be told apart by ${costs.join('; by ')}${decidedBy}.`
}

function techniqueOf({ techniques }: Advice, name: string): TechniqueAdvice | undefined {
  return techniques.find(({ transport }) => transport === name)
}

function noneOf({ workload, techniques }: Advice): string {
  const { percentile, latencyUs } = workload.wanted
  const fastest = techniques
    .filter(({ status, latencyUs }) => status === 'too-slow' && latencyUs !== null)
    .sort((one, other) => (one.latencyUs ?? 0) - (other.latencyUs ?? 0))[0]
  const nearest =
    fastest === undefined ? '' : `; the nearest is ${fastest.label} with ${latencyText(fastest)}`
  return `None of what was measured keeps a ${percentile} of ${formatDuration(latencyUs)}${nearest}.`
}

/** What a preference decided, and that another one would decide otherwise. */
function opinionOf(advice: Advice): readonly string[] {
  const { decided, prefer, among } = advice
  const taken = techniqueOf(advice, among[0] ?? '')
  const steps = decided.filter(({ isOpinion }) => isOpinion)
  if (taken === undefined || steps.length === 0) return []
  const reasons = steps.flatMap((step) =>
    opinionReason(step, taken, techniqueOf(advice, step.against)),
  )
  const same = steps.some(({ by }) => by !== 'bidirectional')
    ? `Costs are shown to be the same (within ${NEGLIGIBLE.serverCores} cores, ${formatBytes(NEGLIGIBLE.bytesPerSecond)}/s and ${formatBytes(NEGLIGIBLE.serverMemoryBytes)}, or a tenth). `
    : ''
  return [`${same}Opinion, by --prefer ${prefer}: ${reasons.join('; then ')}.`]
}

function opinionReason(
  { by }: Decision,
  taken: TechniqueAdvice,
  against: TechniqueAdvice | undefined,
): readonly string[] {
  if (against === undefined) return []
  switch (by) {
    case 'bidirectional':
      return [`${taken.label} carries both ways on one connection, ${against.label} does not`]
    case 'complexity':
      return [`complexity ${taken.complexity} against ${against.complexity} of ${against.label}`]
    case 'latency':
      return [`latency ${latencyText(taken)} against ${latencyText(against)} of ${named(against)}`]
    case 'preferred':
      return [`${taken.label} rather than ${against.label}`]
    default:
      return [
        `${COSTS[by].noun} ${amountText(by, taken)} against ${amountText(by, against)} of ${named(against)}`,
      ]
  }
}

/** `server CPU: 0.24 cores (0.2–0.3) against 2.4 cores (2–3) of Short polling every 500 ms, 10 times as much` */
function reasonOf(
  { by, isByLittle }: Decision,
  taken: TechniqueAdvice,
  against: TechniqueAdvice | undefined,
): readonly string[] {
  if (against === undefined || !(by in COSTS)) return []
  const cost = by as Cost
  const [ours, theirs] = [COSTS[cost].of(taken), COSTS[cost].of(against)]
  const times = ours === null || theirs === null ? Number.NaN : theirs.value / ours.value
  const upTo = ours?.high === null ? 'up to ' : ''
  const factor = times >= 1.1 ? `, ${upTo}${formatCount(times)} times as much` : ''
  const little = isByLittle
    ? `, though perhaps by less than ${COSTS[cost].negligible}, which nobody builds otherwise for`
    : ''
  return [
    `${COSTS[cost].noun}: ${amountText(cost, taken)} against ${amountText(cost, against)} of ${named(against)}${factor}${little}`,
  ]
}

interface CostWords {
  readonly noun: string
  readonly negligible: string
  of(advice: TechniqueAdvice): Amount | null
  text(value: number): string
}

const COSTS: Readonly<Record<Cost, CostWords>> = {
  cpu: {
    noun: 'server CPU',
    negligible: `${NEGLIGIBLE.serverCores} cores`,
    of: ({ estimate }) => estimate?.serverCores ?? null,
    text: (value) => (value < 0.01 ? '< 0.01 cores' : `${formatCount(value)} cores`),
  },
  bandwidth: {
    noun: 'bandwidth',
    negligible: `${formatBytes(NEGLIGIBLE.bytesPerSecond)}/s`,
    of: ({ estimate }) => estimate?.bytesPerSecond ?? null,
    text: (value) => `${formatBytes(value)}/s`,
  },
  memory: {
    noun: 'server memory',
    negligible: formatBytes(NEGLIGIBLE.serverMemoryBytes),
    of: ({ estimate }) => estimate?.serverMemoryBytes ?? null,
    text: formatBytes,
  },
}

/** `0.24 cores (0.2–0.3)`; `≥ 2 KiB/s` where nothing bounds it from above. */
function amountText(cost: Cost, advice: TechniqueAdvice): string {
  const [figure = missing, lies] = amountParts(cost, advice)
  return lies === undefined ? figure : `${figure} (${lies})`
}

/** `0.24 cores`, and where they differ visibly, `0.2–0.3`: a figure, and where it lies. */
export function amountParts(cost: Cost, advice: TechniqueAdvice): readonly string[] {
  const { of, text } = COSTS[cost]
  const amount = of(advice)
  if (amount === null) return [missing]
  const { value, low, high } = amount
  if (high === null) return [`≥ ${text(low)}`]
  const [from, to] = [text(outward(low, Math.floor)), text(outward(high, Math.ceil))]
  if (text(low) === text(high)) return [text(value)]
  return [text(value), spanText(text(value), from, to)]
}

/** Two digits of an end, which cut nothing off. */
function outward(end: number, round: (value: number) => number): number {
  if (end === 0) return 0
  const unit = 10 ** (Math.floor(Math.log10(end)) - 1)
  return Number((round(Number((end / unit).toPrecision(12))) * unit).toPrecision(2))
}

/** `off by 12 %`: the worst estimate of a run that was left out; nothing where none could be. */
export function errorText(cost: Cost, advice: TechniqueAdvice): readonly string[] {
  const error = COSTS[cost].of(advice)?.error ?? null
  return error === null ? [] : [`off by ${formatCount(Math.round(error * 100))} %`]
}

/** `0.2–0.3`: without the unit, where it is the figure's own. */
function spanText(value: string, low: string, high: string): string {
  const [unit, ...others] = [value, low, high].map((text) => text.slice(text.lastIndexOf(' ')))
  const isSame = unit !== undefined && others.every((one) => one === unit)
  return isSame ? `${low.slice(0, -unit.length)}–${high.slice(0, -unit.length)}` : `${low}–${high}`
}

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
function unjudgedOf({ techniques, among, undecided }: Advice): readonly string[] {
  // All of them are named by the answer itself then.
  if (undecided) return []
  const taken = techniques.find(({ transport }) => transport === among[0])
  return techniques.flatMap((technique) => {
    const { status, label, reasons, stretches, intervalMs, intervalTooShort } = technique
    const [reason] = reasons
    switch (status) {
      case 'invalid':
      case 'not-counted':
        return [`${label} could not be judged: ${reason}; measure it again.`]
      case 'untold':
        return [`${label} could not be judged: ${reason} (${latencyText(technique)}).`]
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
function cannotTell({ workload, techniques }: Advice): string {
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
          `what is known of latencies is on both sides of it (${between}): measure longer, on a calmer machine`,
        ]),
    ...(few === '' ? [] : [`too few deliveries for it (${few}): measure longer${less}`]),
    ...(invalid === '' ? [] : [`invalid runs (${invalid}): measure again`]),
    ...(rest === '' ? [] : [`runs that were stopped or lost deliveries (${rest}): measure again`]),
  ]
  return `It cannot be told what keeps a ${percentile} of ${formatDuration(latencyUs)}: ${reasons.join('; ')}.`
}

/** With both its bounds, where they differ visibly. */
export function latencyText({ latencyUs, latencyLowerUs }: TechniqueAdvice): string {
  return latencyUs === null
    ? missing
    : formatBounds({ lowerUs: latencyLowerUs ?? latencyUs, upperUs: latencyUs })
}

/** `Short polling every 500 ms` */
function named({ label, intervalMs }: TechniqueAdvice): string {
  return intervalMs === null ? label : `${label} every ${formatDuration(intervalMs * 1000)}`
}
