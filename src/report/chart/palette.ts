import { transports } from '../../transports/registry.ts'
import type { Transport } from '../../transports/transport.ts'

/** The hues of what is no transport's own line. */
const SPARE: readonly Transport['hue'][] = [
  { light: '#a3316f', dark: '#ee8fc0', dash: [14, 4] },
  { light: '#6b6a00', dark: '#cfc94e', dash: [2, 4] },
  { light: '#41596e', dark: '#a7bdd0', dash: [6, 2, 2, 2, 2, 2] },
  { light: '#8c2f2f', dark: '#f28b82', dash: [12, 2, 2, 2] },
]

/**
 * Colours of lines, told apart with any kind of colour vision, and each with a dash of its own, for
 * nobody is to need the colours. At least 3 : 1 against the page, by day and by night. The transports
 * have the first ones, each its own, whatever else is shown.
 */
export const HUES = [...transports.map(({ hue }) => hue), ...SPARE]

/** The colours and dashes of lines, `h0`, `h1`…, as rules of a style sheet. */
function hueRules(): string {
  return HUES.map(({ dash }, i) => {
    const dashes = dash.length === 0 ? '' : `;stroke-dasharray:${dash.join(' ')}`
    return `.h${i}{color:var(--h${i})}.line.h${i}{stroke:var(--h${i})${dashes}}.dot.h${i}{fill:var(--h${i})}`
  }).join('\n')
}

/** Their values as custom properties, for one of the two colour schemes. */
function hueValues(scheme: 'light' | 'dark'): string {
  return HUES.map((hue, i) => `--h${i}:${hue[scheme]}`).join(';')
}

/** The hues of lines by technique; one of another name, and a further line of the same, takes the next free one. */
export function huesFor(techniques: readonly string[]): readonly number[] {
  const own = techniques.map((name, i) =>
    techniques.indexOf(name) === i ? transports.findIndex((one) => one.name === name) : -1,
  )
  // Those of techniques that are not shown are the last to be lent.
  const free = HUES.map((_, hue) => hue)
    .filter((hue) => !own.includes(hue))
    .sort((one, other) => Number(one < transports.length) - Number(other < transports.length))
  let lent = 0
  return own.map((hue) => (hue < 0 ? (free[lent++ % free.length] ?? 0) : hue))
}

/** Of a picture's parts, by custom properties: `--ink`, `--quiet`, `--rule`, `--mark`. */
export const chartRules = `
.chart{display:block;max-width:100%;height:auto;font:12px/1 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
.chart text{fill:var(--quiet)}
.chart .name,.chart .mark{fill:var(--ink)}
.chart .heading{font-size:13px;font-weight:600}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.base{stroke:var(--quiet);stroke-width:1;fill:none}
.marker{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3;fill:none}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.faint{opacity:.5;stroke-width:1.25}
${hueRules()}
.band{fill:currentColor;stroke:none;opacity:.16}
.block{fill:currentColor}
.block.faint{opacity:.35}
.whisker{fill:none;stroke:var(--ink);stroke-width:1.25}
.dot.hollow{fill:var(--paper);stroke:currentColor;stroke-width:1.75}`

/** Of a picture that stands alone, by day and by night. */
export const pictureRules = `
svg{--paper:#fff;--ink:#1c2126;--quiet:#59636d;--rule:#e3e6e9;${hueValues('light')}}
@media(prefers-color-scheme:dark){svg{--paper:#15191d;--ink:#e8ebee;--quiet:#a2adb7;--rule:#2b3238;${hueValues('dark')}}}
.paper{fill:var(--paper)}${chartRules}`

const light = `--paper:#fdfdfc;--raised:#f4f5f4;--ink:#1c2126;--quiet:#59636d;--rule:#dfe2e4;--accent:#0b5cad;--best:#e3f1ea;--good:#0a6b4b;--doubt:#8a5300;--bad:#b3261e;--part0:#8a97a3;--part1:#f0b35c;--part2:#5a9bd4;--part3:#2d4a66;${hueValues('light')}`
const dark = `--paper:#15191d;--raised:#1e2429;--ink:#e8ebee;--quiet:#a2adb7;--rule:#323a41;--accent:#7db8f5;--best:#1d3a30;--good:#63cfa4;--doubt:#f0b35c;--bad:#f28b82;--part0:#76838f;--part1:#d99a3d;--part2:#4f8fc6;--part3:#b9cde0;${hueValues('dark')}`

/** The page's colours, by day and by night. */
export const pageColours = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}`
