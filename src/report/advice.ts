import CliTable from 'cli-table3'
import { createColors } from 'picocolors'
import type { Advice, Criterion, Estimate, TechniqueAdvice, Workload } from '../result/advice.ts'
import { breakWords, glued, printable, unglued, wrap } from './plain-text.ts'
import { formatBytes, formatCount, formatDuration, missing } from './quantity.ts'
import type { RenderOptions } from './reporter.ts'

/** Another load than was measured, by more than this, is told. */
const FAR = 2

/** For a terminal: the answer first, then each technique with what it gives and costs. */
export function renderAdvice(advice: Advice, options: RenderOptions = {}): string {
  const width = Math.max(40, options.width ?? 120)
  const colors = createColors(options.color ?? false)
  const paragraphs = (texts: readonly string[], paint = (line: string) => line): string[] =>
    texts.flatMap((text) => wrap(glued(printable(text)), width)).map(paint)
  const blocks = [
    paragraphs([workloadLine(advice.workload)], colors.dim),
    paragraphs([decisionOf(advice)], colors.bold),
    gridsOf(advice, width, colors.bold),
    paragraphs(linesOf(advice.techniques)),
    paragraphs(notesOf(advice), colors.dim),
  ]
  const lines = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${unglued(lines.join('\n\n'))}\n`
}

/** The answer in a sentence, with the figure that decided. */
export function decisionOf(advice: Advice): string {
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
      fastest === undefined
        ? ''
        : `; the nearest is ${fastest.label} with ${formatDuration(fastest.latencyUs)}`
    return `None of what was measured keeps a ${percentile} of ${formatDuration(latencyUs)}${nearest}.`
  }
  const meets = `${named(taken)}: ${percentile} ${formatDuration(taken.latencyUs)} keeps the wanted ${wanted}`
  const reasons = decided.flatMap(({ by, against }) => {
    const other = techniques.find(({ transport }) => transport === against)
    return other === undefined ? [] : [reasonOf(by, taken, other)]
  })
  if (reasons.length > 0) return `${meets}; decided by ${reasons.join('; then by ')}.`
  const unknown = techniques.some(({ status }) => !KNOWN.has(status))
  return `${meets}; ${unknown ? 'nothing else that was measured may be taken' : 'it is the only one that may be taken'}.`
}

/** Of these it is known whether they may be taken. */
const KNOWN: ReadonlySet<string> = new Set(['suitable', 'excluded', 'too-slow'])

/** `It cannot be told what keeps a p99 of 5 s: too few deliveries (WebSocket); …` */
function untold({ workload, techniques }: Advice): string {
  const { percentile, latencyUs } = workload.wanted
  const of = (wanted: TechniqueAdvice['status']): string =>
    techniques
      .filter(({ status }) => status === wanted)
      .map(({ label }) => label)
      .join(', ')
  const [few, invalid, rest] = [of('too-few'), of('invalid'), of('not-counted')]
  const less = percentile === 'p50' ? '' : ', or ask for a p50'
  const reasons = [
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
    const times = ours !== null && theirs !== null && ours > 0 ? theirs / ours : Number.NaN
    const factor = times >= 1.1 ? `, ${formatCount(times)} times as much` : ''
    return `${format(ours)} against ${format(theirs)} of ${named(against)}${factor}`
  }
  switch (by) {
    case 'bidirectional':
      return `traffic from the clients: it carries both ways on one connection, ${against.label} does not`
    case 'cpu':
      return `server CPU: ${figures(({ estimate }) => estimate?.serverCores ?? null, cores)}`
    case 'bandwidth':
      return `bandwidth: ${figures(({ estimate }) => estimate?.bytesPerSecond ?? null, perSecond)}`
    case 'memory':
      return `server memory: ${figures(({ estimate }) => estimate?.serverMemoryBytes ?? null, formatBytes)}`
    case 'complexity':
      return `simplicity, as it costs about the same as ${named(against)}: complexity ${taken.complexity} against ${against.complexity}`
    case 'latency':
      return `latency: ${figures(({ latencyUs }) => latencyUs, formatDuration)}`
  }
}

type Format = (figure: number | null) => string

const cores: Format = (figure) => {
  if (figure === null) return missing
  return figure < 0.01 ? '< 0.01 cores' : `${formatCount(figure)} cores`
}
const perSecond: Format = (figure) => `${formatBytes(figure)}/s`

/** `Short polling every 500 ms` */
function named({ label, intervalMs }: TechniqueAdvice): string {
  return intervalMs === null ? label : `${label} every ${formatDuration(intervalMs * 1000)}`
}

function workloadLine(workload: Workload): string {
  const { users, eventsPerUserPerSecond, wanted, clientToServer, proxies, browsers } = workload
  return [
    `${formatCount(users)} users`,
    `${rate(eventsPerUserPerSecond)} each`,
    `${wanted.percentile} within ${formatDuration(wanted.latencyUs)}`,
    `client to server: ${clientToServer}`,
    ...proxies.map((proxy) => `proxies ${proxy.replace('-', ' ')}`),
    `${browsers} browsers`,
  ].join(' · ')
}

/** A rate in the unit that makes it a number for people. */
function rate(perSecond: number): string {
  if (perSecond >= 0.01) return `${Number(perSecond.toPrecision(2))} events/s`
  return `${formatCount(perSecond * 86_400)} events a day`
}

const WORDS: Readonly<Record<TechniqueAdvice['status'], string>> = {
  suitable: 'suitable',
  excluded: 'EXCLUDED',
  'too-slow': 'TOO SLOW',
  'not-measured': 'not measured',
  invalid: 'INVALID',
  'not-counted': 'not counted',
  'too-few': 'too few events',
}

function gridsOf(
  { techniques, chosen, workload }: Advice,
  width: number,
  bold: (text: string) => string,
): string[] {
  const figure = (read: (estimate: Estimate) => string) => (advice: TechniqueAdvice) =>
    advice.estimate === null ? missing : read(advice.estimate)
  const rows: readonly (readonly [string, (advice: TechniqueAdvice) => string])[] = [
    ['', ({ status, transport }) => (transport === chosen ? 'TAKE THIS' : WORDS[status])],
    [`Latency ${workload.wanted.percentile}`, ({ latencyUs }) => formatDuration(latencyUs)],
    [
      'Interval',
      ({ intervalMs }) => (intervalMs === null ? missing : formatDuration(intervalMs * 1000)),
    ],
    ['Requests per user and day', figure((it) => formatCount(it.requestsPerUserPerDay))],
    ['Bytes per user and day', figure((it) => formatBytes(it.bytesPerUserPerDay))],
    ['Bandwidth', figure((it) => perSecond(it.bytesPerSecond))],
    ['Held connections', figure((it) => formatCount(it.heldConnections))],
    ['Server CPU', figure((it) => cores(it.serverCores))],
    ['Server memory', figure((it) => formatBytes(it.serverMemoryBytes))],
    ['Complexity', ({ complexity }) => complexity],
  ]
  const label = 27
  const cell = Math.max(12, Math.floor((width - label - techniques.length - 2) / techniques.length))
  const drawn = new CliTable({
    head: ['', ...techniques.map((technique) => bold(breakWords(technique.label, cell - 2)))],
    colWidths: [label, ...techniques.map(() => Math.min(24, cell))],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  for (const [name, read] of rows) {
    const cells = techniques.map((technique) => {
      const text = glued(read(technique))
      return technique.transport === chosen ? bold(text) : text
    })
    drawn.push([name, ...cells])
  }
  return [drawn.toString()]
}

/** Why it is not to be taken, and what its figures come from; those that have the same together. */
function linesOf(techniques: readonly TechniqueAdvice[]): readonly string[] {
  const labels = new Map<string, string[]>()
  for (const technique of techniques) {
    const line = backgroundOf(technique)
    labels.set(line, [...(labels.get(line) ?? []), technique.label])
  }
  return [...labels].map(([line, same]) => `${same.join(', ')}: ${line}.`)
}

function backgroundOf({ reasons, evidence }: TechniqueAdvice): string {
  if (evidence === null) return reasons.join('; ')
  const measured = [
    `measured with ${formatCount(evidence.clients)} clients`,
    `${rate(evidence.eventsPerClientPerSecond)} each`,
    ...(evidence.intervalMs === null
      ? []
      : [
          `every ${formatDuration(evidence.intervalMs * 1000)} (${formatDuration(evidence.latencyUs)})`,
        ]),
  ].join(', ')
  const far = [
    ...farFrom(evidence.usersFactor, 'users'),
    ...farFrom(evidence.eventsFactor, 'events per user'),
  ]
  const extrapolated = far.length === 0 ? '' : `, extrapolated to ${far.join(' and ')}`
  const told = reasons.length === 0 ? '' : `${reasons.join('; ')}; `
  return `${told}${measured} (${evidence.name})${extrapolated}`
}

/** `50 times the users`; nothing where they are nearly those measured. */
function farFrom(factor: number, what: string): readonly string[] {
  if (factor >= FAR) return [`${formatCount(Number(factor.toPrecision(2)))} times the ${what}`]
  return factor <= 1 / FAR
    ? [`1/${formatCount(Number((1 / factor).toPrecision(2)))} of the ${what}`]
    : []
}

function notesOf({ techniques }: Advice): readonly string[] {
  const measured = techniques.flatMap(({ evidence }) => evidence ?? [])
  if (measured.length === 0) return []
  const events = measured.some((it) => it.eventsFactor <= 1 / FAR && !it.silenceKnown)
  return [
    'Costs are in proportion to the nearest run: bytes and CPU by requests or deliveries, connections by users, and memory, too, but for 60 MiB a server process, which it has without clients, and so rather too much. Latency is that of the run: a busier server is slower.',
    ...(techniques.some(({ estimate }) => estimate !== null && estimate.serverMemoryBytes === null)
      ? ['Server memory is not told from fewer than 1,000 clients for more users than those.']
      : []),
    ...(events
      ? [
          'The bytes of a held connection while nothing comes are not known apart, so that they are understated here: a second result at another rate, or a sweep of rates, tells.',
        ]
      : []),
  ]
}
