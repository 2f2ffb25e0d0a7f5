import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Result } from '../../result/document.ts'
import { samplePoll, sampleSweep } from '../../result/sample-sweep.conformance.ts'
import type { LineChart } from '../chart/line-chart.ts'
import { compareTransports } from '../comparison.ts'
import { csv } from '../csv.ts'
import { needsBrowser, TestBrowser } from './browser.conformance.ts'
import {
  beyondPaper,
  brokenWords,
  chartData,
  coloursOfCharts,
  comparisonCells,
  faintTexts,
  headlines,
  overprinted,
  scrolledComparison,
  seeAll,
  shownReadouts,
  sticksOut,
} from './in-page.conformance.ts'
import { html, page as pageOf } from './page.ts'
import { drawnResult, drawnRun } from './page-sample.conformance.ts'

const PHONES = [360, 390].map((width) => ({ viewport: { width, height: 740 } }))

const several = (count: number): string =>
  pageOf(Array.from({ length: count }, (_, i) => ({ result: drawnResult(), name: `result-${i}` })))

/** A sweep of so many columns, of which three do not depend on the interval. */
function wide(columns: number): Result {
  const values = Array.from({ length: columns - 3 }, (_, i) => 12_500 * (i + 1))
  const { runs, ...sweep } = sampleSweep({ sweep: { key: 'interval', unit: 'ms', values } })
  const unswept = runs.filter(({ point }) => point === null)
  return { ...sweep, runs: [...values.map((value) => samplePoll(value)), ...unswept] }
}

const suspect = (): Result =>
  drawnResult({
    runs: [
      drawnRun('short-poll', 5, {
        errors: { ECONNRESET: 3 },
        validity: {
          verdict: 'invalid',
          reasons: [
            { code: 'slip', severity: 'invalid', message: 'sent late', value: 9, limit: 2 },
            { code: 'host-idle', severity: 'suspect', message: 'busy', value: 0.9, limit: 0.8 },
          ],
        },
      }),
      drawnRun('sse'),
    ],
  })

describe('the page in a browser', needsBrowser, () => {
  const browser = new TestBrowser()

  it('draws every chart, says nothing and asks for nothing', async () => {
    for (const text of [html.render(drawnResult()), html.render(sampleSweep()), several(2)]) {
      const { page, said, asked } = await browser.open(text)
      await page.evaluate(seeAll)
      const colours = await page.evaluate(coloursOfCharts)
      const figures = await page.locator('figure[data-group]').count()
      assert.equal(colours.length, figures)
      for (const count of colours) assert.ok(count >= 4, `${count} colours`)
      assert.deepEqual([said, asked], [[], []])
      await page.context().close()
    }
  })

  it('shows the figures of the document, in cells and in charts', async () => {
    const result = drawnResult()
    const { page } = await browser.open(html.render(result))
    const { rows } = compareTransports(result)
    assert.deepEqual(
      await page.evaluate(comparisonCells, 'r1'),
      rows.map(({ label, cells }) => [label, ...cells]),
    )
    for (const [caption, figure] of [
      ['Deliveries per second', 'deliveries'],
      ['Push latency p50', 'p50Us'],
      ['Push latency p99', 'p99Us'],
      ['Connections held', 'held'],
      ['Server CPU', 'serverCpuUtilisation'],
    ] as const) {
      const data = await page.evaluate(chartData, ['r1-timeline', caption] as const)
      const chart = JSON.parse(data ?? '') as LineChart
      assert.deepEqual(
        chart.series.map(({ ys }) => ys),
        result.runs.map(({ timeline }) => timeline.map((entry) => entry[figure])),
      )
    }
    await page.context().close()
  })

  it('says first what is best, in the figures of the document', async () => {
    const result = drawnResult()
    const { page } = await browser.open(html.render(result))
    const { rows, columns } = compareTransports(result)
    const labels = columns.map(({ label }) => label)
    const [, , sse, websocket] = labels
    const cellOf = (name: string, label = ''): string => {
      const cell = rows.find((row) => row.label === name)?.cells[labels.indexOf(label)] ?? ''
      return `${label} ${cell}`
    }
    assert.deepEqual(await page.evaluate(headlines), [
      ['latency', ...[websocket, sse, labels[1]].map((label) => cellOf('Push latency p99', label))],
      ['cpu', ...[websocket, sse].map((label) => cellOf('Server CPU per delivery', label))],
      ['bytes', ...[sse, websocket].map((label) => cellOf('Bytes per delivery', label))],
      ['waste', ...[sse, websocket].map((label) => `${label} none`)],
    ])
    const order = await page
      .locator('.answer, .tiles, .panels, .comparison')
      .evaluateAll((parts) => parts.map(({ className }) => className))
    assert.deepEqual(order, ['answer', 'tiles', 'static panels', 'comparison'])
    await page.context().close()
  })

  it('saves its figures as CSV and its pictures as PNG, and asks nobody for them', async () => {
    const result = drawnResult()
    const { page, said } = await browser.open(html.render(result))
    const saved = async (button: string): Promise<{ name: string; content: Buffer }> => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(button).first().click(),
      ])
      return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
    }
    const table = await saved('.banner .save')
    assert.deepEqual(
      [table.name, table.content.toString()],
      ['all-1000-rtbench.csv', csv.render(result)],
    )
    for (const section of ['#r1-bars', '#r1-curves', '#r1-timeline']) {
      const { name, content } = await saved(`${section} .save`)
      assert.match(name, /^all-1000-rtbench-.+\.png$/)
      assert.deepEqual([...content.subarray(1, 4)], [...Buffer.from('PNG')])
      assert.ok(content.length > 10_000, `${section}: ${content.length} bytes`)
    }
    assert.deepEqual(said, [])
    await page.context().close()
  })

  it('prints nothing over anything else, and nothing beyond the sheet', async () => {
    for (const text of [
      html.render(drawnResult()),
      html.render(sampleSweep()),
      html.render(suspect()),
      several(3),
      ...[5, 7, 11, 20].map((columns) => html.render(wide(columns))),
    ]) {
      // As wide as A4 without its margins.
      const { page } = await browser.open(text, { viewport: { width: 688, height: 1_000 } })
      await page.evaluate(seeAll)
      await page.emulateMedia({ media: 'print' })
      assert.deepEqual(await page.evaluate(overprinted), [])
      assert.deepEqual(await page.evaluate(beyondPaper), [])
      assert.deepEqual(await page.evaluate(brokenWords), [])
      await page.context().close()
    }
  })

  it('prints a table that is wider than a sheet as several, with every cell once', async () => {
    const { page } = await browser.open(html.render(wide(11)))
    const onScreen = await page.locator('.scroll .comparison tbody td').allTextContents()
    assert.equal(await page.locator('.on-paper:visible').count(), 0)
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.locator('.scroll .comparison:visible').count(), 0)
    const sheets = page.locator('.on-paper:visible')
    assert.equal(await sheets.count(), 3)
    const cells = await sheets.locator('tbody td').allTextContents()
    assert.deepEqual(cells.toSorted(), onScreen.toSorted())
    const heads = await sheets.locator('thead th').allTextContents()
    assert.equal(heads.length, 11)
    await page.context().close()
  })

  it('is complete without a script', async () => {
    const { page } = await browser.open(html.render(drawnResult()), { javaScriptEnabled: false })
    assert.equal(await page.locator('.static svg').first().isVisible(), true)
    assert.equal(await page.locator('.legend button').count(), 0)
    // A definition needs no script either.
    const term = page.locator('.term').nth(3)
    const tip = term.locator('[role=tooltip]')
    assert.equal(await tip.isVisible(), false)
    await term.locator('button').hover()
    await tip.waitFor({ state: 'visible' })
    await page.context().close()
  })

  it('lets the keyboard reach every definition, and Escape close it', async () => {
    const result = drawnResult()
    const { page } = await browser.open(html.render(result))
    const labels = compareTransports(result).rows.map(({ label }) => label)
    await page.locator('.comparison button').first().focus()
    for (const label of labels) {
      const focused = page.locator('.term button:focus')
      assert.equal(await focused.textContent(), label)
      const described = (await focused.getAttribute('aria-describedby')) ?? ''
      await page.locator(`[id="${described}"]`).waitFor({ state: 'visible' })
      await page.keyboard.press('Tab')
    }
    await page.locator('.comparison button').first().focus()
    const tip = page.locator('[role=tooltip]').first()
    await tip.waitFor({ state: 'visible' })
    await page.keyboard.press('Escape')
    await tip.waitFor({ state: 'hidden' })
    await page.context().close()
  })

  it('tells figures at the cursor, hides lines and changes the scale by the keyboard', async () => {
    const result = drawnResult()
    const { page, said } = await browser.open(html.render(result))
    const figure = page.locator('#r1-timeline figure').nth(1)
    await figure.scrollIntoViewIfNeeded()
    const live = figure.locator('.live')
    await live.waitFor()
    await live.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const readout = figure.locator('.readout')
    await readout.waitFor({ state: 'visible' })
    assert.match((await readout.textContent()) ?? '', /^2 s.*Server-Sent Events 3\.09 ms/)
    const sse = page.locator('#r1-timeline .legend button', { hasText: 'Server-Sent' })
    await sse.focus()
    await page.keyboard.press('Enter')
    assert.equal(await sse.getAttribute('aria-pressed'), 'false')
    await live.focus()
    await page.keyboard.press('ArrowRight')
    await readout.waitFor({ state: 'visible' })
    assert.doesNotMatch((await readout.textContent()) ?? '', /Server-Sent Events/)
    const scale = figure.locator('.scale')
    assert.equal(await scale.getAttribute('aria-pressed'), 'true')
    await scale.press('Enter')
    assert.equal(await scale.getAttribute('aria-pressed'), 'false')
    assert.deepEqual(said, [])
    await page.context().close()
  })

  it('tells figures within the chart, wherever the cursor is, and where they were measured', async () => {
    for (const width of [1280, 390]) {
      const { page } = await browser.open(html.render(sampleSweep()), {
        viewport: { width, height: 900 },
      })
      const live = page.locator('#r1-sweep .live').first()
      await page.locator('#r1-sweep figure').first().scrollIntoViewIfNeeded()
      await live.waitFor()
      const box = await live.locator('.u-over').boundingBox()
      const placeOf = new Map<string, number>()
      for (const share of [0.01, 0.25, 0.4, 0.55, 0.7, 0.99]) {
        await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * share, (box?.y ?? 0) + 20)
        await live.locator('.readout').waitFor({ state: 'visible' })
        for (const { out, cursor, told } of await page.evaluate(shownReadouts)) {
          assert.ok(out <= 0.5, `${out} px out at ${share} of ${width} px`)
          const at = placeOf.get(told) ?? cursor
          assert.ok(Math.abs(at - cursor) < 1, `${told} at ${at} px and at ${cursor} px`)
          placeOf.set(told, cursor)
        }
      }
      // As many as the sweep has values.
      assert.equal(placeOf.size, 4)
      await page.context().close()
    }
  })

  it('says what is invalid at the head of its column, in its cell, in legends and in readouts', async () => {
    const { page } = await browser.open(html.render(suspect()))
    const words = (selector: string) => page.locator(selector).allTextContents()
    assert.deepEqual(await words('.comparison thead .invalid'), ['invalid'])
    assert.equal((await words('.comparison td.invalid')).length, 1)
    assert.deepEqual(await words('#r1-curves .legend .invalid'), ['invalid'])
    const figure = page.locator('#r1-timeline figure').nth(1)
    await figure.scrollIntoViewIfNeeded()
    await figure.locator('.live').focus()
    await page.keyboard.press('ArrowRight')
    const readout = figure.locator('.readout')
    await readout.waitFor({ state: 'visible' })
    assert.match((await readout.textContent()) ?? '', /Short polling [^(]+\(invalid\)Server/)
    await page.locator('#r1-timeline .legend button', { hasText: 'Short' }).click()
    await figure.locator('.live').focus()
    await page.keyboard.press('ArrowRight')
    await readout.waitFor({ state: 'visible' })
    assert.doesNotMatch((await readout.textContent()) ?? '', /Short polling/)
    await page.context().close()
  })

  it('has contrast by day and by night, also where something is wrong', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const text of [html.render(drawnResult()), html.render(suspect()), several(2)]) {
        const { page } = await browser.open(text, { colorScheme })
        assert.deepEqual(await page.evaluate(faintTexts), [], colorScheme)
        await page.context().close()
      }
    }
  })

  it('fits a phone: only what is wide by itself scrolls', async () => {
    for (const phone of PHONES) {
      for (const text of [
        html.render(drawnResult()),
        html.render(sampleSweep()),
        html.render(suspect()),
        several(3),
      ]) {
        for (const javaScriptEnabled of [true, false]) {
          const { page } = await browser.open(text, { ...phone, javaScriptEnabled })
          if (javaScriptEnabled) await page.evaluate(seeAll)
          assert.deepEqual(await page.evaluate(sticksOut), [])
          assert.deepEqual(await page.evaluate(overprinted), [])
          await page.context().close()
        }
      }
    }
  })

  it('keeps the rows’ names on a phone, and says that there is more to the right', async () => {
    for (const phone of PHONES) {
      const { page } = await browser.open(html.render(drawnResult()), phone)
      const { left, scrolled, sign } = await page.evaluate(scrolledComparison)
      assert.ok(scrolled > 100 && Math.abs(left) < 1, `${left} px at ${scrolled} px`)
      assert.equal(sign, true)
      await page.context().close()
    }
  })

  it('shows pictures in place of the charts on paper, and cuts nothing off', async () => {
    const { page } = await browser.open(html.render(drawnResult()), {
      viewport: { width: 720, height: 1000 },
    })
    await page.evaluate(seeAll)
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.locator('.live:visible').count(), 0)
    const figures = await page.locator('figure[data-group]').count()
    assert.equal(await page.locator('figure[data-group] .static svg:visible').count(), figures)
    assert.equal(await page.locator('.panels svg:visible').count(), 4)
    assert.equal(await page.locator('.definitions dt').first().isVisible(), true)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
    assert.equal(wide, true)
    const pdf = await page.pdf({ format: 'A4', printBackground: true })
    assert.ok(pdf.length > 20_000)
    await page.context().close()
  })

  it('breaks no word and no figure in a table', async () => {
    for (const width of [1280, 1024, 390]) {
      for (const text of [html.render(drawnResult()), html.render(sampleSweep())]) {
        const { page } = await browser.open(text, { viewport: { width, height: 900 } })
        assert.deepEqual(await page.evaluate(brokenWords), [], `${width} px`)
        await page.context().close()
      }
    }
  })

  it('unfolds its warnings without a script, and on paper all of them', async () => {
    const [run] = suspect().runs
    assert.ok(run !== undefined)
    const runs = [1, 2, 3, 4].map((repetition) => ({ ...run, repetition }))
    const { page } = await browser.open(html.render(drawnResult({ runs })), {
      javaScriptEnabled: false,
    })
    const shown = page.locator('.warnings li:visible')
    assert.equal(await shown.count(), 4)
    assert.match((await shown.last().textContent()) ?? '', /^What to do/)
    await page.emulateMedia({ media: 'print' })
    assert.equal(await shown.count(), 9)
    await page.emulateMedia({ media: 'screen' })
    await page.locator('.more summary').click()
    assert.equal(await shown.count(), 9)
    await page.context().close()
  })

  it('runs nothing that a result says', async () => {
    const { scenario } = drawnResult()
    const name =
      '</script><script>document.title = "run"</script><img src=x onerror="document.title=\'run\'">'
    const result = drawnResult({ scenario: { ...scenario, name, description: name } })
    const { page, said, asked } = await browser.open(html.render(result))
    await page.evaluate(seeAll)
    assert.equal(await page.title(), `${name} · rtbench`)
    assert.equal(await page.locator('img').count(), 0)
    assert.equal(await page.locator('h2').first().textContent(), name)
    assert.deepEqual([said, asked], [[], []])
    await page.context().close()
  })
})
