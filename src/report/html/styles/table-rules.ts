/** Of tables, and of the definitions in them. */
export const tableRules = `
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
