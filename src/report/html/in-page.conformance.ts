/// <reference lib="dom" />
/** What the tests ask of an open page. Each function runs in the browser, and knows nothing else. */

/** Brings every part of the page into the window once, so that all its charts are drawn. */
export async function seeAll(): Promise<void> {
  const { documentElement } = document
  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done))
  for (let y = 0; y < documentElement.scrollHeight; y += 0.9 * innerHeight) {
    scrollTo(0, y)
    await frame()
    await frame()
  }
  scrollTo(0, 0)
  await frame()
}

/** Colours that a canvas has beside nothing, of each chart that is drawn. */
export function coloursOfCharts(): readonly number[] {
  return [...document.querySelectorAll<HTMLCanvasElement>('.live canvas')].map((canvas) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
    const colours = new Set<number>()
    for (let i = 0; i < (pixels?.length ?? 0); i += 4) {
      if ((pixels?.[i + 3] ?? 0) < 200) continue
      colours.add(
        ((pixels?.[i] ?? 0) << 16) | ((pixels?.[i + 1] ?? 0) << 8) | (pixels?.[i + 2] ?? 0),
      )
    }
    return colours.size
  })
}

/** Elements that stick out of the window, except within what scrolls by itself. */
export function sticksOut(): readonly string[] {
  const limit = document.documentElement.clientWidth
  return [...document.querySelectorAll('body *')]
    .filter((element) => {
      if (element.closest('.scroll, .static, .skip, .visually-hidden, [role=tooltip]') !== null) {
        return false
      }
      return element.getBoundingClientRect().right > limit + 1
    })
    .map((element) => `${element.tagName}.${element.className}`)
    .concat(document.documentElement.scrollWidth > limit ? ['the page itself'] : [])
}

/** Texts of which a part is beyond the sheet, and is cut: of a whole page without what is not shown. */
export function beyondPaper(): readonly string[] {
  const found: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const unseen = 'script, style, title, desc, .skip, .visually-hidden, [role=tooltip]'
    if (node.parentElement?.closest(unseen) !== null) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    // A font's box is higher than its letters, and some axes are turned.
    const beyond = [...range.getClientRects()].some(
      ({ width, right, left }) => width > 0 && (right > innerWidth + 3 || left < -3),
    )
    if (beyond) found.push(node.textContent ?? '')
  }
  return found
}

/** Texts that are printed over each other: `one / other`, by the boxes of their lines. */
export function overprinted(): readonly string[] {
  const lines: { text: string; node: Node; box: DOMRect }[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    const text = node.textContent?.trim() ?? ''
    const unseen = 'script, style, title, desc, .skip, .visually-hidden, [role=tooltip]'
    if (element === null || text === '' || element.closest(unseen) !== null) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const box of range.getClientRects()) {
      if (box.width > 0) lines.push({ text, node, box })
    }
  }
  lines.sort((one, other) => one.box.top - other.box.top)
  const found = []
  for (const [i, one] of lines.entries()) {
    for (let next = i + 1; next < lines.length; next++) {
      const other = lines[next]
      // A font's box is higher than its letters.
      if (other === undefined || other.box.top > one.box.bottom - 3) break
      const shared =
        Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left)
      if (shared > 1 && other.node !== one.node) {
        found.push(`${one.text.slice(0, 40)} / ${other.text.slice(0, 40)}`)
      }
    }
  }
  return found
}

/** Of the comparison, scrolled to its end: how far its first column is from the window's left, and whether the sign of more was within the window before. */
export function scrolledComparison(): {
  readonly left: number
  readonly scrolled: number
  readonly sign: boolean
} {
  const region = document.querySelector('.scroll:has(.comparison)')
  const sign = document.querySelector('.more-right')?.getBoundingClientRect()
  region?.scrollTo({ left: region.scrollWidth, behavior: 'instant' })
  const head = document.querySelector('.comparison tbody tr:not(.chapter) th')
  return {
    left: head?.getBoundingClientRect().left ?? Number.NaN,
    scrolled: region?.scrollLeft ?? 0,
    sign: sign !== undefined && sign.width > 0 && sign.left >= 0 && sign.right <= innerWidth,
  }
}

/** The headline figures as they are shown: of each tile its name, and each technique in it with its figure. */
export function headlines(): readonly (readonly string[])[] {
  return [...document.querySelectorAll<HTMLElement>('.tiles li')].map((tile) => [
    tile.dataset['headline'] ?? '',
    ...[...tile.querySelectorAll('.who')].map((who) =>
      [who.firstChild, who.querySelector('strong')]
        .map((part) => part?.textContent?.trim().replaceAll('\u00a0', ' '))
        .join(' '),
    ),
  ])
}

/** Texts of too little contrast with what is behind them, by WCAG 2.1: `1.2 the text`. */
export function faintTexts(): readonly string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour: string): number[] => {
    if (canvas === null) return []
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = (colour: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = colour.map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element: Element | null): number[] => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor)
      if ((colour[3] ?? 0) === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    const text = node.textContent?.trim() ?? ''
    if (element === null || text === '' || element.closest('script, style, title, desc') !== null)
      continue
    const style = getComputedStyle(element)
    const drawn = element.closest('svg') !== null
    const ink = luminance(rgba(drawn ? style.fill : style.color))
    const paper = luminance(behind(element))
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${text.slice(0, 40)}`)
  }
  return found
}

/** The comparison's cells, row by row, by the row's label. */
export function comparisonCells(id: string): readonly (readonly string[])[] {
  const rows = document.querySelectorAll(`#${id} .comparison tbody tr:not(.chapter)`)
  return [...rows].map((row) => [
    row.querySelector('button')?.textContent ?? '',
    ...[...row.querySelectorAll('td')].map((cell) =>
      (cell.textContent ?? '').replaceAll('\u00a0', ' '),
    ),
  ])
}

/** The data of a figure whose caption begins so. */
export function chartData([id, caption]: readonly [string, string]): string | null {
  const figure = [...document.querySelectorAll(`#${id} figure`)].find((one) =>
    one.querySelector('figcaption')?.textContent?.startsWith(caption),
  )
  return figure?.querySelector('.data')?.textContent ?? null
}

/** Words of the tables, and figures with their units, that are broken over lines. */
export function brokenWords(): readonly string[] {
  const broken = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.parentElement?.closest('td, thead th') == null) continue
    for (const { 0: word, index } of (node.textContent ?? '').matchAll(/[^\s/-]+/g)) {
      const range = document.createRange()
      range.setStart(node, index)
      range.setEnd(node, index + word.length)
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))
      if (lines.size > 1) broken.push(word)
    }
  }
  for (const figure of document.querySelectorAll('.figure-text')) {
    // What is not shown has no box.
    if (figure.getClientRects().length === 0) continue
    const [number, unit] = [...figure.children].map((part) => part.getBoundingClientRect())
    if ((unit?.top ?? 0) >= (number?.bottom ?? 0)) broken.push(figure.textContent ?? '')
  }
  return broken
}

/** Of the readouts that are shown: how far each sticks out of its chart, and what it tells where. */
export function shownReadouts(): readonly {
  readonly out: number
  readonly cursor: number
  readonly told: string
}[] {
  return [...document.querySelectorAll<HTMLElement>('.readout:not([hidden])')].map((readout) => {
    const chart = readout.closest('.live')
    const box = readout.getBoundingClientRect()
    const room = chart?.getBoundingClientRect()
    const over = chart?.querySelector('.u-over')?.getBoundingClientRect()
    const line = chart?.querySelector('.u-cursor-x')?.getBoundingClientRect()
    return {
      out: Math.max((room?.left ?? 0) - box.left, box.right - (room?.right ?? 0)),
      told: readout.firstElementChild?.textContent ?? '',
      cursor: (line?.left ?? 0) - (over?.left ?? 0),
    }
  })
}
