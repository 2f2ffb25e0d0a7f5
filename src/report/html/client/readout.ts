/// <reference lib="dom" />
import type uPlot from 'uplot'
import type { LineChart } from '../../chart/line-chart.ts'
import { figureText } from '../../chart/ticks.ts'

/** Shows the figures at the cursor, beside it; they have the room of the axes as well. */
export function attachReadout(plot: uPlot, chart: LineChart, hidden: ReadonlySet<string>): void {
  const box = document.createElement('div')
  box.className = 'readout'
  box.hidden = true
  box.setAttribute('aria-live', 'polite')
  plot.over.parentElement?.append(box)
  plot.hooks.setCursor = [() => showFigures(plot, chart, box, hidden)]
}

/** Fills the box with the figures at the cursor; hides it where there are none. */
function showFigures(
  plot: uPlot,
  { xs, x, y, series }: LineChart,
  box: HTMLElement,
  hidden: ReadonlySet<string>,
): void {
  const index = plot.cursor.idx ?? null
  const left = plot.cursor.left ?? -1
  const told = series.filter(
    ({ label, ys }) => !hidden.has(label) && index !== null && ys[index] !== null,
  )
  box.hidden = index === null || left < 0 || told.length === 0
  if (box.hidden || index === null) return
  const head = document.createElement('b')
  head.textContent = figureText(xs[index] ?? null, x.quantity)
  const lines = told.map(({ label, hue, ys, mark, leftOut }) => {
    const line = document.createElement('span')
    const sign = document.createElement('i')
    sign.className = `key h${hue}`
    const figure = document.createElement('b')
    figure.textContent = figureText(ys[index] ?? null, y.quantity)
    const why = leftOut?.[index] ?? mark
    line.append(sign, `${label} `, figure, why === undefined ? '' : ` (${why})`)
    return line
  })
  box.replaceChildren(head, ...lines)
  // Measured where nothing narrows it.
  box.style.left = '0'
  const at = plot.over.offsetLeft + left
  const start = besideCursor(at, box.offsetWidth, plot.width)
  box.style.left = `${start}px`
  // Where it has to stand on the line, it hides as few of the figures as it can.
  const onLine = start < at && start + box.offsetWidth > at
  const tops = told.map(({ ys }) => plot.valToPos(ys[index] ?? 0, 'y'))
  box.classList.toggle(
    'low',
    onLine && isFreerBelow(tops, plot.over.clientHeight, box.offsetHeight),
  )
}

/** Whether a box of this height hides fewer points at the foot of a chart than at its top. */
export function isFreerBelow(tops: readonly number[], room: number, height: number): boolean {
  const above = tops.filter((top) => top < height).length
  const below = tops.filter((top) => top > room - height).length
  return below < above
}

/** Where a box begins that stands beside the cursor: after it, before it, or where it has room. */
export function besideCursor(at: number, width: number, room: number): number {
  const gap = 8
  if (at + gap + width <= room) return at + gap
  if (at - gap - width >= 0) return at - gap - width
  return Math.max(0, Math.min(at + gap, room - width))
}

/** The place of the figure that is told: of the one nearest to the pointer. */
export function snapped(places: readonly number[], left: number): number {
  const distance = (place: number): number => Math.abs(place - left)
  const [first = left, ...others] = places
  return others.reduce(
    (nearest, place) => (distance(place) < distance(nearest) ? place : nearest),
    first,
  )
}

/** Lets the arrow keys move the cursor from figure to figure. */
export function moveByKeys(plot: uPlot, { xs }: LineChart, event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const before = plot.cursor.idx ?? (step > 0 ? -1 : xs.length)
  const index = Math.min(xs.length - 1, Math.max(0, before + step))
  plot.setCursor({ left: plot.valToPos(xs[index] ?? 0, 'x'), top: 0 })
}
