/** A real browser, for the tests of the page. Without one they are skipped, and say so. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Of each test that needs the browser. */
export const needsBrowser = existsSync(CHROMIUM)
  ? {}
  : { skip: `no browser at ${CHROMIUM}: apt-get install chromium, or name one by $CHROMIUM` }

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** A page that was opened from disk, and what it did. */
export interface OpenPage {
  readonly page: Page
  /** Errors, warnings and messages of its console. */
  readonly said: readonly string[]
  /** Addresses that it asked for, its own file left out. */
  readonly asked: readonly string[]
}

/** A browser of this test file, with a folder for its pages; both are gone after it. */
export class TestBrowser {
  #browser: Browser | null = null
  readonly #folder = mkdtempSync(join(tmpdir(), 'rtbench-page-'))
  #files = 0

  constructor() {
    before(async () => {
      if ('skip' in needsBrowser) return
      this.#browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
    })
    after(async () => {
      await this.#browser?.close()
      rmSync(this.#folder, { recursive: true, force: true })
    })
  }

  /** Writes a page and opens it; each in a profile of its own. */
  async open(text: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    if (this.#browser === null) throw new Error('the browser is not started yet')
    this.#files++
    const path = join(this.#folder, `page-${this.#files}.html`)
    writeFileSync(path, text)
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    })
    const page = await context.newPage()
    const said: string[] = []
    const asked: string[] = []
    const url = pathToFileURL(path).href
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => said.push(String(error)))
    page.on('request', (request) => {
      if (request.url() !== url) asked.push(request.url())
    })
    await page.goto(url, { waitUntil: 'load' })
    return { page, said, asked }
  }
}
