import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chartRules, hueValues } from '../chart/palette.ts'

/** The page's whole script: uPlot, and what the build made of `client/page.ts`. */
export function pageScript(): string {
  const own = new URL('../../../dist/report/html/client.js', import.meta.url)
  return `${uplotFile('uPlot.iife.min.js')}\n${readFileSync(own, 'utf8')}`
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

/** Of tables, and of the definitions in them. */
const tableRules = `
.scroll{position:relative}
.note+.scroll,.grid-of-figures+.scroll{margin-top:1.5rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4}
caption{text-align:left;font-size:.875rem;color:var(--quiet);padding:0 0 .6rem}
caption>span{position:sticky;left:0;display:inline-block;max-width:min(100%,calc(100vw - 3rem))}
th,td{padding:.36rem .75rem;vertical-align:top;text-align:left;border-bottom:1px solid var(--rule)}
th{font-weight:500}
thead th,thead td{border-bottom:1.5px solid var(--quiet);font-weight:650;vertical-align:bottom;line-height:1.3}
thead small{display:block;font-size:.87em}
thead .swatch{display:block;margin:0 0 .35rem}
.swatch{flex:none;overflow:visible}
.comparison{table-layout:fixed}
.comparison thead td{width:15rem}
.comparison tbody th{padding-left:0;color:var(--quiet);font-weight:400}
.chapter th{padding:1.4rem 0 .3rem;font-size:.75rem;font-weight:650;letter-spacing:.07em;text-transform:uppercase;color:var(--quiet)}
tbody:first-of-type .chapter th{padding-top:.9rem}
td.none{color:var(--quiet)}
td.best{background:var(--best)}
td.best strong{font-weight:700}
td.best strong::after{content:"\\2009●";font-size:.55em;vertical-align:.35em;color:var(--good)}
.figure-text,td.n{white-space:nowrap}
.reason{min-width:13rem}
.comparison .n{display:inline-block;min-width:3.4rem;text-align:right}
.u{color:var(--quiet)}
.best .u{color:inherit;font-weight:500}
.plain{width:auto;min-width:min(100%,40rem)}
.plain thead th{font-weight:600}
.plain .swatch{display:inline-block;margin:0 .5rem 0 0;vertical-align:middle}
.figures th:not(:first-child){max-width:9rem}
.plain th:first-child,.plain td:first-child{padding-left:0}
.term{position:relative;display:inline-block;max-width:100%}
.term button{font:inherit;color:inherit;background:none;border:0;padding:0;margin:0;text-align:left;cursor:help;text-decoration:underline dotted color-mix(in srgb,currentColor 45%,transparent);text-underline-offset:.22em}
.term:hover button,.term button:focus-visible{color:var(--ink);text-decoration-color:currentColor}
[role=tooltip]{position:absolute;z-index:5;left:0;top:calc(100% + .3rem);width:max-content;max-width:min(22rem,80vw);padding:.6rem .8rem;background:var(--ink);color:var(--paper);border-radius:6px;font-size:.875rem;line-height:1.45;font-weight:400;visibility:hidden;opacity:0;box-shadow:0 4px 18px rgb(0 0 0/.22)}
.term:hover [role=tooltip],.term button:focus~[role=tooltip]{visibility:visible;opacity:1}
@media(prefers-reduced-motion:no-preference){[role=tooltip]{transition:opacity .12s .08s,visibility 0s .08s}}
.many{overflow-x:auto;background:linear-gradient(to left,var(--paper) 40%,transparent) right/2rem 100% no-repeat local,linear-gradient(to left,var(--rule),transparent) right/.75rem 100% no-repeat scroll}
.many .comparison{table-layout:auto;width:auto;min-width:100%}
.many .comparison thead td{width:auto}
.many thead th,.many td{min-width:8.25rem;overflow-wrap:normal}
.many tbody th,.many thead td{position:sticky;left:0;background:var(--paper);z-index:1}
.many .chapter th{position:static}
.many .chapter th span{position:sticky;left:0}
.many tbody th:hover,.many tbody th:focus-within{z-index:3}
.many [role=tooltip]{position:fixed;left:.75rem;top:auto;bottom:.75rem}
@media(max-width:60rem){
.scroll{overflow-x:auto;overscroll-behavior-x:contain;margin:0 calc(-1*clamp(1rem,4vw,2.5rem));padding:0 clamp(1rem,4vw,2.5rem)}
.comparison{min-width:44rem}
.comparison thead td{width:10rem}
.comparison tbody th,.comparison thead td{position:sticky;left:calc(-1*clamp(1rem,4vw,2.5rem));background:var(--paper);z-index:1;padding-left:clamp(1rem,4vw,2.5rem)}
.comparison tbody th:hover,.comparison tbody th:focus-within{z-index:3}
.comparison .chapter th{position:static}
.comparison .chapter th span{position:sticky;left:0}
[role=tooltip]{position:fixed;left:.75rem;right:.75rem;top:auto;bottom:.75rem;width:auto;max-width:none}
}
@media(max-width:40rem){
table{font-size:.875rem}
th,td{padding:.36rem .5rem}
.comparison{min-width:40rem}
.comparison thead td{width:8.5rem}
}`

/** Of charts, their legends and what the script adds to them. */
const figureRules = `
.figure{margin:0;min-width:0}
figcaption{font-size:.9375rem;font-weight:600;margin:0 0 .4rem;display:flex;align-items:baseline;justify-content:space-between;gap:1rem}
.static{overflow-x:auto}
.wide .static svg{width:100%;max-width:none;min-width:44rem}
.half .static svg{width:100%}
.pair .static svg{max-width:30rem}
.scroll+.figure{margin-top:1.25rem}
.is-live .static{display:none}
.live{width:100%;min-width:0;overflow-x:clip}
.grid-of-figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.75rem 2rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem .5rem;margin:0 0 1rem;padding:0;font-size:.875rem}
.legend li,.legend button{display:inline-flex;align-items:center;gap:.5rem}
.legend li{padding:.15rem .6rem .15rem 0}
.legend li:has(button){padding:0}
.legend button,.scale{font:inherit;color:inherit;background:none;border:1px solid var(--rule);border-radius:999px;padding:.15rem .7rem;cursor:pointer}
.legend button:hover,.scale:hover{border-color:var(--quiet)}
.legend button[aria-pressed=false]{color:var(--quiet);text-decoration:line-through}
.legend button[aria-pressed=false] .swatch{opacity:.3}
.scale{font-size:.75rem;font-weight:400;color:var(--quiet);white-space:nowrap;padding:.05rem .6rem}
.scale::before{content:"○ "}
.scale[aria-pressed=true]::before{content:"● "}
.readout{position:absolute;top:.4rem;z-index:101;width:max-content;max-width:100%;pointer-events:none;background:var(--paper);border:1px solid var(--rule);border-radius:6px;padding:.35rem .55rem;font-size:.8125rem;line-height:1.5;box-shadow:0 2px 10px rgb(0 0 0/.14)}
.readout.low{top:auto;bottom:3.3rem}
.readout[hidden]{display:none}
.readout>b,.readout>span{display:block}
.readout b{font-weight:650;white-space:nowrap}
.key{display:inline-block;width:.75rem;height:0;border-top:3px solid currentColor;vertical-align:.25em;margin-right:.45rem}
.u-cursor-x{border-right:1px solid var(--quiet)!important}
.bars{list-style:none;margin:0;padding:0;max-width:64rem}
.bars>li{margin:0 0 1.1rem}
.bars p{display:flex;align-items:baseline;gap:1rem;margin:0 0 .3rem;max-width:none;font-size:.9375rem}
.bars p strong{font-weight:600}
.bars p span{margin-left:auto}
.bars .own{font-size:.8125rem;color:var(--quiet);margin:.1rem 0 0}
.bar{display:block;width:100%;height:1.375rem;border-radius:3px}
.bar rect{stroke:var(--paper);stroke-width:1.5;vector-effect:non-scaling-stroke}
.part0{fill:var(--part0)}.part1{fill:var(--part1)}.part2{fill:var(--part2)}.part3{fill:var(--part3)}
.parts{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;margin:.3rem 0 0;padding:0;font-size:.8125rem}
.parts .swatch{margin-right:.4rem}`

/** On paper: pictures in place of the script's charts, everything unfolded, nothing cut. */
const printRules = `
@media print{
@page{margin:14mm}
body{background:#fff;font-size:10pt;line-height:1.45}
main,.banner,footer{max-width:none;padding:0}
.skip,.scale,.on-screen,[role=tooltip]{display:none}
.is-live .static{display:block}
.is-live .live{display:none}
.static,.scroll{overflow:visible;margin:0;padding:0;background:none}
table{font-size:8.5pt}
th,td{padding:.2rem .4rem}
.comparison,.many .comparison{min-width:0;width:100%;table-layout:fixed}
.many .comparison{table-layout:auto;font-size:7pt}
.many thead th,.many td{min-width:0}
.many th,.many td{padding:.2rem .25rem}
.comparison .n{min-width:0}
.comparison thead td{width:22%}
.many thead td{width:auto}
.comparison tbody th,.comparison thead td{position:static;padding-left:0}
thead{display:table-header-group}
tr,figure,.bars>li,.facts div,.badge,.warnings li,pre{break-inside:avoid}
h2,h3,.chapter,.legend{break-after:avoid}
.more{display:none}
article.result+article.result,#overview+article.result{break-before:page}
.grid-of-figures{grid-template-columns:1fr 1fr}
.wide .static svg{min-width:0;max-width:100%}
.legend button{border:0;padding:0}
td.best,.bar rect,.swatch,.badge,.warnings li{print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{margin:1.5rem 0}
}`

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
