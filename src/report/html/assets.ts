import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chartRules, hueValues } from '../chart/palette.ts'

/** The page's whole script: uPlot, and what the build made of `client/client.ts`. */
export function pageScript(): string {
  return `${uplotFile('uPlot.iife.min.js')}\n${built('client.js')}`
}

/** What the build has put beside the compiled modules, wherever this one runs from. */
function built(name: string): string {
  return readFileSync(new URL(`../../../dist/report/html/${name}`, import.meta.url), 'utf8')
}

/** uPlot's own rules. */
function plotRules(): string {
  return uplotFile('uPlot.min.css')
}

/** From the installed package, so that the page needs no network. */
function uplotFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${name}`)
  return readFileSync(path, 'utf8').trim()
}

/** All rules of the page: `page.css`, and in it those of charts. */
export function pageRules(): string {
  const [text = '', rest = ''] = built('page.css').trimEnd().split('\n/* charts */\n')
  return [colours, `\n${text}`, chartRules, plotRules(), rest].join('\n')
}

const light = `--paper:#fdfdfc;--raised:#f4f5f4;--ink:#1c2126;--quiet:#59636d;--rule:#dfe2e4;--accent:#0b5cad;--best:#e3f1ea;--good:#0a6b4b;--doubt:#8a5300;--bad:#b3261e;--part0:#8a97a3;--part1:#f0b35c;--part2:#5a9bd4;--part3:#2d4a66;${hueValues('light')}`
const dark = `--paper:#15191d;--raised:#1e2429;--ink:#e8ebee;--quiet:#a2adb7;--rule:#323a41;--accent:#7db8f5;--best:#1d3a30;--good:#63cfa4;--doubt:#f0b35c;--bad:#f28b82;--part0:#76838f;--part1:#d99a3d;--part2:#4f8fc6;--part3:#b9cde0;${hueValues('dark')}`

const colours = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}`
