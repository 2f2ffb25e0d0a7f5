import { createColors } from 'picocolors'
import { breakWords, glued, pageOf, unglued, wrap } from '../report/plain-text.ts'
import { formatBytes, formatCount, formatDuration, missing } from '../report/quantity.ts'
import type { RenderOptions } from '../report/reporter.ts'
import { drawnTable } from '../report/table.ts'
import type {
  Advice,
  BusCost,
  Cost,
  Estimate,
  TechniqueAdvice,
  Workload,
} from '../result/advice.ts'
import { printable } from '../text.ts'
import { amountParts, decisionLines, errorText, latencyText } from './decision.ts'

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
    paragraphs(decisionLines(advice), colors.bold),
    gridsOf(advice, width, colors.bold),
    paragraphs(linesOf(advice.techniques)),
    paragraphs(busLines(advice.bus)),
    paragraphs(notesOf(advice), colors.dim),
  ]
  return unglued(pageOf(blocks))
}

function workloadLine(workload: Workload): string {
  const { users, eventsPerUserPerSecond, wanted, clientToServer, proxies, browsers } = workload
  const { channels, payloadBytes, messagesPerUserPerSecond: messages, instances } = workload
  const sent = messages === null || messages === 0 ? '' : ` (${rate(messages, 'message')} each)`
  return [
    `${formatCount(users)} users`,
    `${rate(eventsPerUserPerSecond, 'event')} each`,
    ...(channels === 'per-client'
      ? []
      : [channels === 1 ? 'heard by all' : `${formatCount(channels)} channels`]),
    ...(payloadBytes === null ? [] : [formatBytes(payloadBytes)]),
    ...(instances === 1 ? [] : [`${instances} instances`]),
    `${wanted.percentile} within ${formatDuration(wanted.latencyUs)}`,
    `client to server: ${clientToServer}${sent}`,
    ...proxies.map((proxy) => `proxies ${proxy.replace('-', ' ')}`),
    `${browsers} browsers`,
  ].join(' · ')
}

/** A rate in the unit that makes it a number for people. */
function rate(perSecond: number, noun: string): string {
  const isSmall = perSecond < 0.01
  const shown = isSmall ? formatCount(perSecond * 86_400) : String(Number(perSecond.toPrecision(2)))
  return `${shown} ${noun}${shown === '1' ? '' : 's'}${isSmall ? ' a day' : '/s'}`
}

const WORDS: Readonly<Record<TechniqueAdvice['status'], string>> = {
  suitable: 'suitable',
  beyond: 'beyond evidence',
  excluded: 'EXCLUDED',
  'too-slow': 'TOO SLOW',
  untold: 'cannot tell',
  'not-measured': 'not measured',
  invalid: 'INVALID',
  'not-counted': 'not counted',
  'too-few': 'too few events',
}

/** Where everything is beyond what was measured, nothing is to be taken on trust. */
const TAKEN: Readonly<Partial<Record<TechniqueAdvice['status'], string>>> = {
  suitable: 'TAKE THIS',
  beyond: 'LIKELIEST, UNPROVEN',
}

function gridsOf(
  { techniques, chosen, among, workload }: Advice,
  width: number,
  bold: (text: string) => string,
): string[] {
  const figure = (read: (estimate: Estimate) => string) => (advice: TechniqueAdvice) =>
    advice.estimate === null ? missing : read(advice.estimate)
  const rows: readonly (readonly [string, (advice: TechniqueAdvice) => string])[] = [
    [
      '',
      ({ status, transport }) => {
        if (transport === chosen) return TAKEN[status] ?? WORDS[status]
        return among.includes(transport) ? 'ONE OF THESE' : WORDS[status]
      },
    ],
    [`Latency ${workload.wanted.percentile}`, latencyText],
    [
      'Interval',
      ({ intervalMs }) => (intervalMs === null ? missing : formatDuration(intervalMs * 1000)),
    ],
    ['Requests per user and day', figure((it) => formatCount(it.requestsPerUserPerDay))],
    [
      'Bytes per user and day',
      figure(
        (it) => (it.bytesPerSecond.high === null ? '≥ ' : '') + formatBytes(it.bytesPerUserPerDay),
      ),
    ],
    ['Bandwidth', costCell('bandwidth')],
    ['Held connections', figure((it) => formatCount(it.heldConnections))],
    ['Open sockets', figure((it) => formatCount(it.openSockets))],
    ['Server CPU', costCell('cpu')],
    ['Server memory', costCell('memory')],
    ['Complexity', ({ complexity }) => complexity],
  ]
  const label = 27
  const cell = Math.max(12, Math.floor((width - label - techniques.length - 2) / techniques.length))
  const head = ['', ...techniques.map((technique) => bold(breakWords(technique.label, cell - 2)))]
  const colWidths = [label, ...techniques.map(() => Math.min(24, cell))]
  const body = rows.map(([name, read]) => {
    const cells = techniques.map((technique) => {
      const lines = read(technique).split('\n')
      const text = lines.map((line) => breakWords(glued(line), cell - 2)).join('\n')
      return technique.transport === chosen ? bold(text) : text
    })
    return [name, ...cells]
  })
  return [drawnTable({ head, colWidths }, body)]
}

/** A line each: the figure, where it lies, and how wrong such an estimate was. */
const costCell =
  (cost: Cost) =>
  (advice: TechniqueAdvice): string =>
    [...amountParts(cost, advice), ...errorText(cost, advice)].join('\n')

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
    `latency with ${formatCount(evidence.clients)} clients`,
    `${rate(evidence.eventsPerClientPerSecond, 'event')} each`,
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
  const costs = `costs from ${evidence.runs} ${evidence.runs === 1 ? 'run' : 'runs'}`
  return `${told}${measured} (${evidence.name})${extrapolated}; ${costs}`
}

/** What each bus adds and costs; or that nothing tells, and what would. */
function busLines(bus: Advice['bus']): readonly string[] {
  if (bus === null) return []
  const { instances, buses, measure } = bus
  const lines = buses.map((one) => `${one.name}, ${one.routing}: ${busText(one)}.`)
  const command =
    measure === null ? '' : `: ${measure}, with the URL of a bus of yours in the place of memory`
  if (lines.length === 0) {
    return [
      `No result tells what a bus between ${instances} instances adds and costs; measure it${command}.`,
    ]
  }
  return [
    `What a bus between ${instances} instances adds to each latency above, and takes beside each cost:`,
    ...lines,
    ...(measure === null
      ? []
      : [`The workload has far more events than these runs; measure it${command}.`]),
  ]
}

function busText(one: BusCost): string {
  const { percentile, addedUs, instancesCores, busCores, bytesPerSecond, hopsPerEvent } = one
  const high = addedUs?.high ?? null
  const span =
    addedUs?.low == null
      ? ''
      : ` (${high === null ? '≥ ' : ''}${formatDuration(addedUs.low)}${high === null ? '' : ` to ${formatDuration(high)}`})`
  const cores = (value: number | null): string =>
    value === null ? missing : formatCount(Number(value.toPrecision(2)))
  const far = farFrom(one.eventsFactor, 'events')
  return [
    `${formatDuration(addedUs?.value ?? null)}${span} at ${percentile}`,
    `${cores(instancesCores)} cores more of the instances`,
    `${cores(busCores)} of its own process`,
    `${formatBytes(bytesPerSecond)}/s in ${formatCount(hopsPerEvent)} hops an event`,
    `from ${one.runs} ${one.runs === 1 ? 'run' : 'runs'}${far.length === 0 ? '' : `, extrapolated to ${far.join()}`}`,
  ].join('; ')
}

/** `50 times the users`; nothing where they are nearly those measured. */
function farFrom(factor: number, what: string): readonly string[] {
  if (factor >= FAR) return [`${formatCount(Number(factor.toPrecision(2)))} times the ${what}`]
  return factor <= 1 / FAR
    ? [`1/${formatCount(Number((1 / factor).toPrecision(2)))} of the ${what}`]
    : []
}

function notesOf({ techniques }: Advice): readonly string[] {
  const estimates = techniques.flatMap(({ estimate }) => estimate ?? [])
  if (estimates.length === 0) return []
  const amounts = estimates.flatMap(({ serverCores, bytesPerSecond, serverMemoryBytes }) =>
    [serverCores, bytesPerSecond, serverMemoryBytes].filter((one) => one !== null),
  )
  return [
    'Costs are made of what a process, a connection, a request, an event and a delivery take, by all runs of a technique. Below a figure: where it lies, by all ways to explain these runs, and by how much the worst estimate was off of a run that was left out. Latency is that of the nearest run.',
    ...(amounts.some(({ error }) => error === null)
      ? [
          'From one run it cannot be told what goes with what, nor how wrong an estimate is: it lies between what grows with nothing and what grows with everything.',
        ]
      : []),
    ...(estimates.some(({ bytesPerSecond }) => bytesPerSecond.high === null)
      ? [
          'Bytes that are not known from above (≥) lack what a held connection takes while nothing comes, which a window of 15 s at a low rate, or at none, tells; or what clients send, where no rate was given or no run tells.',
        ]
      : []),
    ...(techniques.some(
      ({ estimate }) => (estimate?.openSockets ?? 0) > (estimate?.heldConnections ?? 0),
    )
      ? [
          'A poller holds no connection, and keeps its socket open between two requests: the server has its memory.',
        ]
      : []),
  ]
}
