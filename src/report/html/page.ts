import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chartRules, pageColours } from '../chart/palette.ts'
import { csv } from '../csv.ts'
import { dataScript, type Markup, markup, verbatim } from '../markup.ts'
import { collective, type NamedResult, renderAll } from '../reporter.ts'
import { answer, comparison, tradeOff } from './comparison-table.ts'
import { curves, spent, timeline } from './curves.ts'
import { bars, thresholds, tiles } from './glance.ts'
import { head, warnings } from './head.ts'
import { overview } from './overview.ts'
import { type Subject, subjectsOf } from './subject.ts'
import { environment, errors, reproduce, scenario, validity } from './validity.ts'

/** The parts of a result in their order, what a reader wants first before the rest; one that has nothing to say is null. */
const PARTS: readonly ((subject: Subject) => Markup | null)[] = [
  head,
  answer,
  tiles,
  warnings,
  bars,
  thresholds,
  tradeOff,
  comparison,
  curves,
  timeline,
  spent,
  validity,
  errors,
  environment,
  scenario,
  reproduce,
]

/**
 * A whole page that needs nothing else; its policy allows only the script and the styles written into
 * it, and pictures that it has itself, for one to be saved.
 */
export function page(results: readonly NamedResult[]): string {
  const subjects = subjectsOf(results)
  const script = pageScript()
  const rules = pageRules()
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(rules)}'; img-src data:; base-uri 'none'; form-action 'none'`
  const several = subjects.length > 1
  const name = several ? `${subjects.length} results` : (subjects[0]?.name ?? 'no result')
  return `${markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} · rtbench</title>
<style>${verbatim(rules)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header class="banner"><h1>${several ? 'rtbench results' : 'rtbench result'}</h1></header>
<main id="main">
${several ? overview(subjects) : null}
${subjects.map(resultPart)}
</main>
<footer><p>Measured by ${subjects[0]?.result.tool.name ?? 'rtbench'} ${subjects[0]?.result.tool.version ?? ''}. The figures are those of the result document; nothing on this page was fetched.</p></footer>
<script type="application/json" id="csv">${dataScript(renderAll(csv, results))}</script>
<script>${verbatim(script)}</script>
</body>
</html>`}\n`
}

function resultPart(subject: Subject): Markup {
  const { id } = subject
  return markup`<article class="result" id="${id}" aria-labelledby="${id}-h">
${PARTS.map((part) => part(subject))}</article>
`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** The page's whole script: uPlot, and what the build made of `client/client.ts`. */
function pageScript(): string {
  return `${uplotFile('uPlot.iife.min.js')}\n${built('client.js')}`
}

/** All rules of the page: `page.css`, and in it those of charts. */
function pageRules(): string {
  const [text = '', rest = ''] = built('page.css').trimEnd().split('\n/* charts */\n')
  return [pageColours, `\n${text}`, chartRules, uplotFile('uPlot.min.css'), rest].join('\n')
}

/** What the build has put beside the compiled modules, wherever this one runs from. */
function built(name: string): string {
  return readFileSync(new URL(`../../../dist/report/html/${name}`, import.meta.url), 'utf8')
}

/** From the installed package, so that the page needs no network. */
function uplotFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${name}`)
  return readFileSync(path, 'utf8').trim()
}

export const html = collective('html', 'html', page)
