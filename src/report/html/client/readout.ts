/// <reference lib="dom" />
import type uPlot from 'uplot'
import { figureText } from '../../chart/figure-text.ts'
import type { LineChart } from '../../chart/line-chart.ts'

/** Shows the figures below the cursor, beside it. */
export function attachReadout(plot: uPlot, chart: LineChart, hidden: ReadonlySet<string>): void {
  const box = document.createElement('div')
  box.className = 'readout'
  box.hidden = true
  box.setAttribute('aria-live', 'polite')
  plot.over.append(box)
  plot.hooks.setCursor = [() => showFigures(plot, chart, box, hidden)]
}

/** Fills the box with the figures at the cursor; hides it where there are none. */
export function showFigures(
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
  const lines = told.map(({ label, hue, ys }) => {
    const line = document.createElement('span')
    const sign = document.createElement('i')
    sign.className = `key h${hue}`
    const figure = document.createElement('b')
    figure.textContent = figureText(ys[index] ?? null, y.quantity)
    line.append(sign, `${label} `, figure)
    return line
  })
  box.replaceChildren(head, ...lines)
  const atEnd = left > plot.over.clientWidth / 2
  box.classList.toggle('at-end', atEnd)
  box.style.left = atEnd ? '' : `${left + 12}px`
  box.style.right = atEnd ? `${plot.over.clientWidth - left + 12}px` : ''
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
