/** Of charts, their legends and what the script adds to them. */
export const figureRules = `
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
