import { hueRules, hueValues } from './palette.ts'

/** Of a picture's parts, by custom properties: `--ink`, `--quiet`, `--rule`, `--mark`. */
export const chartRules = `
.chart{display:block;max-width:100%;height:auto;font:12px/1 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
.chart text{fill:var(--quiet)}
.chart .name,.chart .mark{fill:var(--ink)}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.base{stroke:var(--quiet);stroke-width:1;fill:none}
.marker{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3;fill:none}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.faint{opacity:.5;stroke-width:1.25}
${hueRules()}
.band{fill:currentColor;stroke:none;opacity:.16}
.dot.hollow{fill:var(--paper);stroke:currentColor;stroke-width:1.75}`

const scheme = {
  light: `--paper:#fff;--ink:#1c2126;--quiet:#59636d;--rule:#e3e6e9;${hueValues('light')}`,
  dark: `--paper:#15191d;--ink:#e8ebee;--quiet:#a2adb7;--rule:#2b3238;${hueValues('dark')}`,
}

/** Of a picture that stands alone, by day and by night. */
export const pictureRules = `
svg{${scheme.light}}
@media(prefers-color-scheme:dark){svg{${scheme.dark}}}
.paper{fill:var(--paper)}${chartRules}`
