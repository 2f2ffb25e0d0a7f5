import { latencyBounds } from '../../measure/bounds.ts'
import type { Run } from '../../result/document.ts'
import { shownRuns } from '../../result/repetitions.ts'
import { type Line, markOf, percentileChart, timelineCharts } from '../chart/run-charts.ts'
import { type Markup, markup } from '../markup.ts'
import { formatBounds, formatDuration } from '../quantity.ts'
import { meanPart, ownPart } from '../unseen.ts'
import { chartFigure, legend, section } from './parts.ts'
import type { Subject } from './subject.ts'

export function curves({ id, lines }: Subject): Markup | null {
  const chart = percentileChart(lines, 'Time from the intended publish to the receipt')
  if (chart === null) return null
  const group = `${id}-curves`
  const merged = lines.some(({ runs }) => runs.length > 1)
    ? ' Repetitions are added up, sample by sample, so a curve may differ from the table, which shows one of them.'
    : ''
  const without = lines.some(({ runs }) => shownRuns(runs).length < runs.length)
    ? ' Invalid repetitions are not among them.'
    : ''
  const shaded = lines.some(({ run }) => run.latencyLowerBound !== undefined)
    ? ' A line is what was observed; the shade below it ends where it would be had the instrument been on time.'
    : ''
  return section(
    group,
    'Latency by percentile',
    markup`${legend(
      group,
      lines.map(({ label, hue, runs }) => ({ label, hue, ...markOf(runs) })),
    )}
${chartFigure(chart, { id: `${group}-chart`, group, size: 'wide' })}
<p class="note">Each step to the right is ten times rarer: p99 is the 99th of 100 deliveries, p99.9 the 999th of 1,000. Where a line is faint, fewer than ten events lie beyond.${shaded}${merged}${without}</p>`,
  )
}

/** What happened in each second of the window. */
export function timeline({ id, lines, mostPoints }: Subject): Markup | null {
  const { charts, secondsPerPoint } = timelineCharts(lines, mostPoints)
  if (charts.length === 0) return null
  const group = `${id}-timeline`
  const figures = charts.map((chart, i) =>
    chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }),
  )
  const each =
    secondsPerPoint === 1
      ? 'One point at the end of each second; the last second may be a part of one.'
      : `One point at the end of each ${secondsPerPoint} seconds: the mean of rates, connections and CPU, the greatest of the latencies.`
  const median = lines.some(({ runs }) => runs.length > 1)
    ? ' Of several repetitions the one in the table is shown.'
    : ''
  return section(
    group,
    'Over time',
    markup`${legend(
      group,
      lines.map(({ label, hue, run }) => ({ label, hue, ...markOf([run]) })),
    )}
<div class="grid-of-figures">${figures}</div>
<p class="note">${each}${median} p99 needs 100 events in the second.</p>`,
  )
}

const PARTS = [
  { key: 'slipUs', name: 'sent late by the instrument' },
  { key: 'acceptUs', name: 'until accepted' },
  { key: 'fanOutUs', name: 'in the fan-out' },
  { key: 'readUs', name: 'until read' },
] as const

/** Where the mean latency was spent: each bar is the whole of its own mean. */
export function spent({ id, lines }: Subject): Markup | null {
  const known = lines.filter(({ run }) => partsOf(run) !== null)
  if (known.length === 0) return null
  const key = PARTS.map(
    ({ name }, i) =>
      markup`<li><svg class="swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">${box(i, 0, 14, 14)}</svg><span>${name}</span></li>`,
  )
  return section(
    `${id}-spent`,
    'Where the mean latency was spent',
    markup`<ul class="legend">${key}</ul>
<ul class="bars">${known.map((line) => bar(line))}</ul>
<p class="note">Each bar is the whole of its own mean, so bars of different lengths of time are equally long. For a poller the last part is mostly the wait for its next question.</p>`,
  )
}

function partsOf(run: Run) {
  const figures = PARTS.map(({ key, name }) => ({ name, us: meanPart(run, key) }))
  const sum = figures.reduce((total, { us }) => total + (us ?? 0), 0)
  if (!(sum > 0)) return null
  let before = 0
  return figures.map(({ name, us }) => {
    const part = { name, us, from: before / sum, share: (us ?? 0) / sum }
    before += us ?? 0
    return part
  })
}

function bar({ label, run }: Line): Markup {
  const parts = partsOf(run) ?? []
  const boxes = parts.map(({ from, share }, i) => box(i, from * 1000, share * 1000, 22))
  const told = parts.map(
    ({ name, us, share }, i) =>
      markup`<li><span class="visually-hidden">${name}: </span><svg class="swatch" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">${box(i, 0, 10, 10)}</svg>${formatDuration(us)}${us === null ? null : markup` <small>${Math.round(share * 100)}\u00a0%</small>`}</li>`,
  )
  return markup`<li><p><strong>${label}</strong>${run.validity.verdict === 'invalid' ? markup` <small class="invalid">invalid</small>` : null} <span>mean ${formatBounds(latencyBounds(run, 'meanUs'))}</span></p>
<svg class="bar" viewBox="0 0 1000 22" preserveAspectRatio="none" aria-hidden="true">${boxes}</svg>
<ul class="parts">${told}</ul>${own(run)}</li>
`
}

const CAUSES = [
  ['slipUs', 'sent late'],
  ['askUs', 'asked late'],
  ['busyUs', 'read late'],
  ['waitUs', 'clients without a processor'],
  ['stallUs', 'stood still'],
  ['serverWaitUs', 'server without a processor'],
] as const

/** What of it is the instrument's, by cause, the greatest first: it may be in any of the parts. */
function own(run: Run): Markup | null {
  const us = ownPart(run)
  if (us === null || us === 0) return null
  const causes = CAUSES.flatMap(([key, name]) => {
    const cause = run.lateness?.[key] ?? 0
    return cause >= LEAST_CAUSE * us ? [{ name, cause }] : []
  }).sort((one, other) => other.cause - one.cause)
  const told = causes.map(({ name, cause }) => `${name} ${formatDuration(cause)}`).join(', ')
  return markup`<p class="own">of it the instrument’s own, at most: ${formatDuration(us)}${told === '' ? null : ` (${told})`}</p>`
}

/** Less of the instrument's part is not worth a word. */
const LEAST_CAUSE = 0.01

function box(part: number, x: number, width: number, height: number): Markup {
  const [at, wide] = [x, width].map((value) => Math.round(value * 10) / 10)
  return markup`<rect class="part${part}" x="${at}" width="${wide}" height="${height}"/>`
}
