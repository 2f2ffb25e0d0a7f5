/// <reference lib="dom" />
/** What runs in the reader's browser once the page is there; without it, the page is complete as well. */
import type UPlot from 'uplot'
import type { LineChart } from '../../chart/line-chart.ts'
import { chartOptions, strokesOf } from './plot.ts'
import { attachReadout, moveByKeys } from './readout.ts'
import { csvButton, pngButton } from './saving.ts'

/** Stands before this script on the page. */
declare const uPlot: typeof UPlot

function start(): void {
  const hiddenBy = new Map<string, Set<string>>()
  const hiddenOf = (group: string): Set<string> => {
    const hidden = hiddenBy.get(group) ?? new Set<string>()
    hiddenBy.set(group, hidden)
    return hidden
  }
  const charts = [...document.querySelectorAll<HTMLElement>('figure[data-group]')].map((figure) =>
    liveChart(figure, hiddenOf(figure.dataset['group'] ?? '')),
  )
  for (const list of document.querySelectorAll<HTMLElement>('ul.legend[data-group]')) {
    const group = list.dataset['group'] ?? ''
    const own = charts.filter((chart) => chart.group === group)
    for (const item of list.querySelectorAll<HTMLElement>('li'))
      switchLine(item, hiddenOf(group), own)
  }
  document.querySelector('.banner')?.append(csvButton() ?? '')
  for (const figure of document.querySelectorAll<HTMLElement>('figure.figure')) {
    figure.querySelector('figcaption')?.append(pngButton(figure))
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts) chart.redraw()
  })
  document.addEventListener('keydown', closeDefinition)
}

/** Makes a name of a legend a switch of its line. */
function switchLine(item: HTMLElement, hidden: Set<string>, charts: readonly LiveChart[]): void {
  const label = item.dataset['line'] ?? ''
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-pressed', 'true')
  button.append(...item.childNodes)
  item.append(button)
  button.addEventListener('click', () => {
    if (hidden.has(label)) hidden.delete(label)
    else hidden.add(label)
    button.setAttribute('aria-pressed', String(!hidden.has(label)))
    for (const chart of charts) chart.redraw()
  })
}

/** Escape puts a definition away. */
function closeDefinition(event: KeyboardEvent): void {
  const { activeElement } = document
  const isTerm = activeElement instanceof HTMLElement && activeElement.closest('.term') !== null
  if (event.key === 'Escape' && isTerm) activeElement.blur()
}

/** A chart that answers, in place of its picture. */
interface LiveChart {
  readonly group: string
  /** Draws it anew, in the colours of the moment; nothing before it was seen first. */
  redraw(): void
}

/** Makes a figure's chart answer as soon as it is near the window. */
function liveChart(figure: HTMLElement, hidden: ReadonlySet<string>): LiveChart {
  const chart = JSON.parse(figure.querySelector('.data')?.textContent ?? '') as LineChart & {
    readonly description: string
  }
  const group = figure.dataset['group'] ?? ''
  const place = document.createElement('div')
  place.className = 'live'
  place.tabIndex = 0
  place.setAttribute('role', 'group')
  place.setAttribute(
    'aria-label',
    `${chart.title}. ${chart.description} Arrow keys tell the figures.`,
  )
  let log = chart.y.scale === 'log'
  let plot: UPlot | null = null
  const draw = (): void => {
    plot?.destroy()
    const strokes = strokesOf(chart, log)
    const width = Math.max(240, place.clientWidth)
    const height = figure.classList.contains('wide') ? Math.min(380, 170 + width / 3) : 232
    const options = chartOptions(chart, strokes, { width, height, log, hidden, group })
    const data = [chart.xs, ...strokes.map(({ ys }) => ys)] as unknown as UPlot.AlignedData
    plot = new uPlot(options, data, place)
    attachReadout(plot, chart, hidden)
  }
  place.addEventListener('keydown', (event) => {
    if (plot !== null) moveByKeys(plot, chart, event)
  })
  place.addEventListener('blur', () => plot?.setCursor({ left: -10, top: -10 }))
  if (chart.y.quantity === 'microseconds' || chart.y.scale === 'log') {
    const scale = scaleSwitch(log, (chosen) => {
      log = chosen
      draw()
    })
    figure.querySelector('figcaption')?.append(scale)
  }
  whenNear(figure, () => {
    figure.classList.add('is-live')
    figure.querySelector('.static')?.after(place)
    draw()
    let drawnWidth = place.clientWidth
    new ResizeObserver(() => {
      if (place.clientWidth === drawnWidth || place.clientWidth === 0) return
      drawnWidth = place.clientWidth
      draw()
    }).observe(place)
  })
  return {
    group,
    redraw: () => {
      if (plot !== null) draw()
    },
  }
}

/** A switch between a logarithmic and a linear axis. */
function scaleSwitch(log: boolean, choose: (log: boolean) => void): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'scale'
  button.textContent = 'log scale'
  button.setAttribute('aria-pressed', String(log))
  button.addEventListener('click', () => {
    const chosen = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(chosen))
    choose(chosen)
  })
  return button
}

/** Does something once an element is in the window, or nearly. */
function whenNear(element: Element, act: () => void): void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      act()
    },
    { rootMargin: '400px' },
  )
  observer.observe(element)
}

start()
