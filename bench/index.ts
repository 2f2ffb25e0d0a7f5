/**
 * `npm run bench` runs every section, `npm run bench -- receive` one of them and
 * `npm run bench -- receive/sse` a part of it. The figures of record stand in docs/performance.md
 * with the machine that made them.
 */
import { cpus } from 'node:os'
import { compare } from './compare.ts'
import { engine } from './engine.ts'
import { fanOut } from './fan-out.ts'
import { intervals } from './intervals.ts'
import { memory } from './memory.ts'
import { poll } from './poll.ts'
import { receive } from './receive.ts'
import { scale } from './scale.ts'
import { split } from './split.ts'

type Section = (print: (line: string) => void, part: string | undefined) => Promise<void>

const sections: Readonly<Record<string, Section>> = {
  memory,
  poll,
  receive,
  scale,
  split,
  engine,
  'fan-out': fanOut,
  compare,
  intervals,
}

const names = process.argv.slice(2)
const chosen = names.length > 0 ? names : Object.keys(sections)
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n`)
for (const choice of chosen) {
  const [name = '', part] = choice.split('/')
  const section = sections[name]
  if (section === undefined) {
    process.stderr.write(`no section ${name}; there are ${Object.keys(sections).join(', ')}\n`)
    process.exitCode = 2
  } else await section((line) => process.stdout.write(`${line}\n`), part)
}
