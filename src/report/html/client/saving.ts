/// <reference lib="dom" />
/** Saves what is on the page as files. Nobody is asked for anything: all of it is there. */

/** Properties that a picture has from the page's rules. */
const DRAWN = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity'],
  ...['font-family', 'font-size', 'font-weight', 'text-anchor'],
]
const [MARGIN, LINE, GAP] = [20, 22, 28]
/** Sharp enough to be put into a text. */
const PIXELS = 2
const FONT = 'system-ui, sans-serif'

/** A button that saves all figures as the program's own CSV. */
export function csvButton(): HTMLElement | null {
  const data = document.getElementById('csv')
  if (data === null) return null
  return button('CSV', 'Save all figures of all runs as CSV', () => {
    const text = JSON.parse(data.textContent ?? '""') as string
    download(`${slug(document.title)}.csv`, new Blob([text], { type: 'text/csv' }))
  })
}

/** A button that saves a figure as a picture, with its caption and the names of its lines. */
export function pngButton(figure: HTMLElement): HTMLElement {
  const caption = figure.querySelector('figcaption')?.firstChild?.textContent ?? ''
  return button('PNG', `Save as a picture: ${caption}`, () => {
    void pictureOf(figure, caption).then((blob) => {
      if (blob !== null) download(`${slug(document.title)}-${slug(caption)}.png`, blob)
    })
  })
}

function button(text: string, title: string, act: () => void): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'save'
  button.textContent = text
  button.title = title
  button.setAttribute('aria-label', title)
  button.addEventListener('click', act)
  return button
}

function download(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** Its pictures beside each other, below its caption and its names. */
async function pictureOf(figure: HTMLElement, caption: string): Promise<Blob | null> {
  const drawings = [...figure.querySelectorAll<SVGSVGElement>('.static svg')]
  const images = await Promise.all(drawings.map(imageOf))
  const names = namesOf(figure.dataset['group'] ?? '')
  const width = Math.max(
    480,
    images.reduce((sum, image) => sum + image.width + GAP, -GAP) + 2 * MARGIN,
  )
  const top = MARGIN + LINE + (names.length > 0 ? LINE : 0)
  const height = top + Math.max(0, ...images.map((image) => image.height)) + MARGIN
  const canvas = document.createElement('canvas')
  canvas.width = width * PIXELS
  canvas.height = height * PIXELS
  const context = canvas.getContext('2d')
  if (context === null) return null
  const style = getComputedStyle(document.documentElement)
  const [paper, ink] = ['--paper', '--ink'].map((name) => style.getPropertyValue(name))
  context.scale(PIXELS, PIXELS)
  context.fillStyle = paper ?? ''
  context.fillRect(0, 0, width, height)
  context.fillStyle = ink ?? ''
  context.font = `600 15px ${FONT}`
  context.fillText(caption, MARGIN, MARGIN + 10)
  drawNames(context, names)
  let x = MARGIN
  for (const image of images) {
    context.drawImage(image, x, top, image.width, image.height)
    x += image.width + GAP
  }
  return new Promise((done) => canvas.toBlob(done, 'image/png'))
}

function namesOf(group: string): readonly HTMLElement[] {
  const list = document.querySelector(`ul.legend[data-group="${CSS.escape(group)}"]`)
  return [...(list?.querySelectorAll<HTMLElement>('li[data-line]') ?? [])]
}

function drawNames(context: CanvasRenderingContext2D, names: readonly HTMLElement[]): void {
  context.font = `13px ${FONT}`
  context.lineWidth = 2
  let x = MARGIN
  for (const name of names) {
    const line = name.querySelector('.swatch path')
    const { stroke, strokeDasharray } = getComputedStyle(line ?? name)
    const y = MARGIN + LINE + 6
    context.strokeStyle = stroke
    context.setLineDash((strokeDasharray.match(/[\d.]+/g) ?? []).map(Number))
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + 26, y)
    context.stroke()
    const text = name.textContent?.trim() ?? ''
    context.fillText(text, x + 32, y + 4)
    x += 32 + context.measureText(text).width + 18
  }
}

/** Drawn apart from the page, so that its rules are written into it. */
function imageOf(drawing: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const copies = [copy, ...copy.querySelectorAll('*')]
  for (const [i, element] of [drawing, ...drawing.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(element)
    for (const name of DRAWN) copies[i]?.setAttribute(name, style.getPropertyValue(name))
  }
  const image = new Image(drawing.viewBox.baseVal.width, drawing.viewBox.baseVal.height)
  return new Promise((done, failed) => {
    image.addEventListener('load', () => done(image))
    image.addEventListener('error', () => failed(new Error('the picture cannot be drawn')))
    const text = new XMLSerializer().serializeToString(copy)
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  })
}
