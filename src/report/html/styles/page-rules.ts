import { chartRules } from '../../chart/chart-rules.ts'
import { hueValues } from '../../chart/palette.ts'
import { plotRules } from '../script.ts'
import { figureRules } from './figure-rules.ts'
import { printRules } from './print-rules.ts'
import { tableRules } from './table-rules.ts'

/** All rules of the page. */
export function pageRules(): string {
  return [colours, text, chartRules, plotRules(), tableRules, figureRules, printRules].join('\n')
}

const light = `--paper:#fdfdfc;--raised:#f4f5f4;--ink:#1c2126;--quiet:#59636d;--rule:#dfe2e4;--accent:#0b5cad;--best:#e3f1ea;--good:#0a6b4b;--doubt:#8a5300;--bad:#b3261e;--part0:#8a97a3;--part1:#f0b35c;--part2:#5a9bd4;--part3:#2d4a66;${hueValues('light')}`
const dark = `--paper:#15191d;--raised:#1e2429;--ink:#e8ebee;--quiet:#a2adb7;--rule:#323a41;--accent:#7db8f5;--best:#1d3a30;--good:#63cfa4;--doubt:#f0b35c;--bad:#f28b82;--part0:#76838f;--part1:#d99a3d;--part2:#4f8fc6;--part3:#b9cde0;${hueValues('dark')}`

const colours = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}`

const text = `
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,.banner,footer{max-width:76rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
.banner{padding-top:1.75rem}
h1{font-size:.8125rem;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--quiet);margin:0}
h2{font-size:clamp(1.6rem,4vw,2.25rem);line-height:1.15;letter-spacing:-.015em;font-weight:650;margin:.35rem 0 .5rem;text-wrap:balance}
h3{font-size:1.1875rem;line-height:1.3;font-weight:650;letter-spacing:-.005em;margin:0 0 .75rem}
p{margin:0 0 .75rem;max-width:72ch}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible,button:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.flag{white-space:nowrap}
code,pre{font:.875em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--raised);border:1px solid var(--rule);border-radius:6px;padding:.75rem 1rem;margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
small{font-size:.8125rem;color:var(--quiet);font-weight:400}
section{margin:2.75rem 0}
article.result{margin-top:0}
article.result+article.result,#overview+article.result{border-top:1px solid var(--rule);margin-top:4rem;padding-top:2rem}
.description{font-size:1.0625rem;color:var(--quiet);margin-bottom:1rem}
.chips{list-style:none;margin:0 0 1rem;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 0;font-size:.875rem;color:var(--quiet);max-width:72rem}
.chips li:not(:last-child)::after{content:"·";margin:0 .5em;opacity:.7}
.badge{display:inline-flex;align-items:center;gap:.5rem;margin:0;padding:.2rem .75rem .2rem .6rem;border:1px solid currentColor;border-radius:999px;font-size:.875rem;font-weight:600}
.badge span{font-weight:700}
.valid{color:var(--good)}.suspect{color:var(--doubt)}.invalid{color:var(--bad)}
td.valid,td.suspect,td.invalid,small.invalid{font-weight:600}
.warnings{list-style:none;margin:1rem 0 0;padding:0}
.warnings li{color:var(--ink);border-left:3px solid var(--doubt);background:var(--raised);padding:.5rem .9rem;margin:.4rem 0;border-radius:0 6px 6px 0;font-size:.9375rem;max-width:90ch}
.warnings li.invalid{border-color:var(--bad)}
@media screen{.more:not([open])+.warnings{display:none}}
.more+.warnings{margin-top:0}
.more{margin:.4rem 0;max-width:90ch;font-size:.9375rem}
.more summary{cursor:pointer;padding:.25rem .9rem;color:var(--quiet)}
.answer{margin:0 0 1.5rem;padding-left:1.1rem;border-left:3px solid var(--accent)}
.answer p{font-size:1.0625rem;margin:0 0 .5rem;max-width:80ch;text-wrap:pretty}
.answer p:last-child{margin:0}
.note{font-size:.875rem;color:var(--quiet);margin:.75rem 0 0;max-width:80ch}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:0 2rem;margin:0}
.facts div{display:flex;justify-content:space-between;gap:1rem;padding:.35rem 0;border-bottom:1px solid var(--rule);font-size:.9375rem}
.facts dt{color:var(--quiet);flex:none}
.facts dd{margin:0;text-align:right;overflow-wrap:anywhere;min-width:0}
.definitions{border-top:1px solid var(--rule);padding-top:2rem;margin-top:4rem}
.definitions h2{font-size:1.1875rem;letter-spacing:0}
.definitions dl{columns:24rem auto;column-gap:3rem;margin:0}
.definitions dl div{break-inside:avoid;margin:0 0 .7rem;font-size:.875rem;line-height:1.45}
.definitions dt{font-weight:600}
.definitions dd{margin:0;color:var(--quiet)}
.results{padding-left:1.25rem;margin:1rem 0 2rem}
.results li{margin:.25rem 0}
footer{margin-top:3rem;padding-bottom:2.5rem;font-size:.8125rem;color:var(--quiet)}
.skip{position:absolute;left:-100vw;top:.5rem;background:var(--paper);padding:.5rem .75rem;z-index:9}
.skip:focus{left:.5rem}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`
