/** On paper: pictures in place of the script's charts, everything unfolded, nothing cut. */
export const printRules = `
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
