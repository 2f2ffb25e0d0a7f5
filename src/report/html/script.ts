import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The page's whole script: uPlot, and what the build made of `client/page.ts`. */
export function pageScript(): string {
  const own = new URL('../../../dist/report/html/client.js', import.meta.url)
  return `${uplotFile('uPlot.iife.min.js')}\n${readFileSync(own, 'utf8')}`
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
