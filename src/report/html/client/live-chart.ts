/// <reference lib="dom" />
import type UPlot from 'uplot'
import type { LineChart } from '../../chart/line-chart.ts'
import { strokesOf } from './lines.ts'
import { chartOptions } from './options.ts'
import { attachReadout, moveByKeys } from './readout.ts'

/** A chart that answers, in place of its picture. */
export interface LiveChart {
  readonly group: string
  /** Draws it anew, in the colours of the moment; nothing before it was seen first. */
  redraw(): void
}

/** Makes a figure's chart answer as soon as it is near the window. */
export function liveChart(
  Plot: typeof UPlot,
  figure: HTMLElement,
  hidden: ReadonlySet<string>,
  dashes: readonly (readonly number[])[],
): LiveChart {
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
    const options = chartOptions(chart, strokes, { width, height, log, hidden, dashes, group })
    const data = [chart.xs, ...strokes.map(({ ys }) => ys)] as unknown as UPlot.AlignedData
    plot = new Plot(options, data, place)
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
export function scaleSwitch(log: boolean, choose: (log: boolean) => void): HTMLElement {
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
export function whenNear(element: Element, act: () => void): void {
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
