/**
 * `npm run bench` runs every section, `npm run bench -- receive` one of them and
 * `npm run bench -- receive/sse` a part of it. The figures of record stand in docs/performance.md
 * with the machine that made them. Some sections judge the command as its users see it; they take long,
 * so that they run when they are named only, with fewer runs by `--runs 3`.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { advise } from './advise.ts'
import { audit } from './audit.ts'
import { backplanes } from './backplanes.ts'
import type { Print } from './bar.ts'
import { blocks } from './blocks.ts'
import { calm } from './calm.ts'
import { compare } from './compare.ts'
import { coverage } from './coverage.ts'
import { engine } from './engine.ts'
import { fanOut } from './fan-out.ts'
import { frozen } from './frozen.ts'
import { gate } from './gate.ts'
import { handOver } from './hand-over.ts'
import { histories } from './histories.ts'
import { ingest } from './ingest.ts'
import { intervals } from './intervals.ts'
import { memory } from './memory.ts'
import { packets } from './packets.ts'
import { poll } from './poll.ts'
import { receive } from './receive.ts'
import { scale } from './scale.ts'
import { split } from './split.ts'
import { secure } from './tls.ts'

type Section = (print: Print, part: string | undefined, runs?: number) => Promise<void>

const sections: Readonly<Record<string, Section>> = {
  memory,
  poll,
  receive,
  scale,
  split,
  engine,
  'fan-out': fanOut,
  'hand-over': handOver,
  compare,
  intervals,
  backplanes,
  tls: secure,
}

const judges: Readonly<Record<string, Section>> = {
  advise,
  blocks,
  gate,
  coverage,
  frozen,
  packets,
  ingest,
  calm,
  histories,
  audit,
}

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' } },
})
const runs = values.runs === undefined ? undefined : Math.max(1, Number.parseInt(values.runs, 10))
const chosen = names.length > 0 ? names : Object.keys(sections)
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n`)
for (const choice of chosen) {
  const [name = '', ...rest] = choice.split('/')
  const part = rest.length === 0 ? undefined : rest.join('/')
  const section = sections[name] ?? judges[name]
  if (section === undefined) {
    process.stderr.write(
      `no section ${name}; there are ${Object.keys({ ...sections, ...judges }).join(', ')}\n`,
    )
    process.exitCode = 2
  } else await section((line) => process.stdout.write(`${line}\n`), part, runs)
}
