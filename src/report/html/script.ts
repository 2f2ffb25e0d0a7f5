import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { figureText, percentileText, tickText } from '../chart/figure-text.ts'
import { extentOf, xTitleOf, yTitleOf } from '../chart/line-chart.ts'
import { HUES } from '../chart/palette.ts'
import { domainOf, roundDown, spaced, stepOf, ticksOf } from '../chart/ticks.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  missing,
  rounded,
  scaled,
} from '../quantity.ts'
import { colourOf, strokeOptions, strokesOf } from './client/lines.ts'
import { liveChart, scaleSwitch, whenNear } from './client/live-chart.ts'
import { axisOptions, chartOptions, drawBands, drawMarkers } from './client/options.ts'
import {
  attachReadout,
  besideCursor,
  isFreerBelow,
  moveByKeys,
  showFigures,
  snapped,
} from './client/readout.ts'
import { closeDefinition, start, switchLine } from './client/start.ts'

/**
 * What runs in the reader's browser, as the compiler left it. Each knows the others by their names,
 * and beside them only the constants of `prelude`.
 */
const FUNCTIONS = [
  ...[formatBytes, formatCount, formatDuration, formatPercent, rounded, scaled],
  ...[figureText, percentileText, tickText],
  ...[domainOf, roundDown, spaced, stepOf, ticksOf],
  ...[extentOf, xTitleOf, yTitleOf],
  ...[colourOf, strokeOptions, strokesOf],
  ...[axisOptions, chartOptions, drawBands, drawMarkers],
  ...[attachReadout, besideCursor, isFreerBelow, moveByKeys, showFigures, snapped],
  ...[liveChart, scaleSwitch, whenNear],
  ...[closeDefinition, start, switchLine],
]

/** `__name` is what a compiler that is used in development calls. */
const prelude = `const __name = (named) => named
const missing = ${JSON.stringify(missing)}
const separated = new Intl.NumberFormat('en-US')`

/** The page's whole script, uPlot before it. */
export function pageScript(): string {
  const dashes = JSON.stringify(HUES.map(({ dash }) => dash))
  const own = [prelude, ...FUNCTIONS.map(String), `start(uPlot, ${dashes})`].join('\n')
  return `${uplotFile('uPlot.iife.min.js')}\n(() => {\n${own}\n})()\n`
}

/** uPlot's own rules. */
export function plotRules(): string {
  return uplotFile('uPlot.min.css')
}

/** From the installed package, so that the page needs no network. */
function uplotFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${name}`)
  return readFileSync(path, 'utf8').trim()
}
