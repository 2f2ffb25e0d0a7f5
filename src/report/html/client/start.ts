/// <reference lib="dom" />
import type UPlot from 'uplot'
import { type LiveChart, liveChart } from './live-chart.ts'

/** What the page's script does once the page is there; without it, the page is complete as well. */
export function start(Plot: typeof UPlot, dashes: readonly (readonly number[])[]): void {
  const hiddenBy = new Map<string, Set<string>>()
  const hiddenOf = (group: string): Set<string> => {
    const hidden = hiddenBy.get(group) ?? new Set<string>()
    hiddenBy.set(group, hidden)
    return hidden
  }
  const charts = [...document.querySelectorAll<HTMLElement>('figure[data-group]')].map((figure) =>
    liveChart(Plot, figure, hiddenOf(figure.dataset['group'] ?? ''), dashes),
  )
  for (const list of document.querySelectorAll<HTMLElement>('ul.legend[data-group]')) {
    const group = list.dataset['group'] ?? ''
    const own = charts.filter((chart) => chart.group === group)
    for (const item of list.querySelectorAll<HTMLElement>('li'))
      switchLine(item, hiddenOf(group), own)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts) chart.redraw()
  })
  document.addEventListener('keydown', closeDefinition)
}

/** Makes a name of a legend a switch of its line. */
export function switchLine(
  item: HTMLElement,
  hidden: Set<string>,
  charts: readonly LiveChart[],
): void {
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
export function closeDefinition(event: KeyboardEvent): void {
  const { activeElement } = document
  const isTerm = activeElement instanceof HTMLElement && activeElement.closest('.term') !== null
  if (event.key === 'Escape' && isTerm) activeElement.blur()
}
