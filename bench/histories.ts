/**
 * Whether histories of runs that fail on purpose keep the law, and whether those of servers with a bug do not: seeds from
 * 1 on, short runs of real processes, so many side by side. What is drawn is the same for a seed; when a process is
 * scheduled is not. `histories/kept` and `histories/flaws` are the halves; `--runs` says how many of the first.
 */
import { KAFKA } from '../src/backplane/kafka-broker.conformance.ts'
import { NATS, REDIS } from '../src/backplane/servers.conformance.ts'
import {
  type Drawn,
  drawHistory,
  eachUntil,
  type Judged,
  judgeDrawn,
  STREAMS,
} from '../src/experiment/seeded-histories.conformance.ts'
import { FLAWS, type Flaw } from '../src/server/flawed-hub.ts'
import type { Print } from './bar.ts'

const HISTORIES = 300
const WITHIN = 50
const SIDE_BY_SIDE = 5

export async function histories(
  print: Print,
  part: string | undefined,
  runs = HISTORIES,
): Promise<void> {
  const served = []
  for (const bus of [REDIS, NATS, KAFKA]) {
    const started = await bus.serve()
    if (typeof started === 'string') print(`  without ${bus.name}: ${started}`)
    else served.push(started)
  }
  const urls = served.map(({ url }) => url)
  try {
    if (part !== 'flaws') await kept(print, urls, runs)
    if (part !== 'kept') await flaws(print, urls)
  } finally {
    for (const bus of served) await bus.stop()
  }
}

async function kept(print: Print, buses: readonly string[], runs: number): Promise<void> {
  const begunMs = performance.now()
  const all: Judged[] = []
  const seeds = Array.from({ length: runs }, (_, at) => at + 1)
  await eachUntil(seeds, SIDE_BY_SIDE, async (seed) => {
    const judged = await judgeDrawn(drawHistory(seed, buses))
    all.push(judged)
    if (all.length % 50 === 0) {
      print(`  kept by ${all.filter((one) => one.isKept).length} of the first ${all.length}`)
    }
    if (!judged.isKept || !judged.isRunKept) {
      print(`  seed ${seed}, ${written(judged.drawn)}`)
      for (const line of judged.lines) print(`    ${line}`)
    }
    return false
  })
  const sum = (of: (judged: Judged) => number): string =>
    all.reduce((total, one) => total + of(one), 0).toLocaleString('en-US')
  const seconds = ((performance.now() - begunMs) / 1e3).toFixed(0)
  print(
    `  ${sum((one) => one.deliveries)} deliveries, ${sum((one) => one.replayed)} replayed; ${sum((one) => one.connectionsLost)} connections lost, ${sum((one) => one.gaps)} gaps declared; ${seconds} s`,
  )
  for (const [what, of] of [
    ['techniques', ({ transport }: Drawn) => transport],
    ['disruptions', ({ disruption }: Drawn) => disruption.split(/[=@]/, 1)[0] ?? ''],
    ['backplanes', backplaneOf],
  ] as const) {
    const counts = new Map<string, number>()
    for (const { drawn } of all) counts.set(of(drawn), (counts.get(of(drawn)) ?? 0) + 1)
    print(`  ${what}: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`)
  }
  const fine = all.filter((one) => one.isKept).length
  print(`  the law was kept: ${fine} of ${runs}: ${fine === runs ? 'holds' : 'MISSED'}`)
}

async function flaws(print: Print, buses: readonly string[]): Promise<void> {
  for (const [flaw, meaning] of Object.entries(FLAWS)) {
    // To a poller every answer is a replay, and any of these shows at once.
    let first: Judged | null = null
    let histories = 0
    for (let seed = 1; seed <= WITHIN && first === null; seed++) {
      const judged = await judgeDrawn(drawHistory(seed, buses, STREAMS), flaw as Flaw)
      histories++
      if (!judged.isKept) first = judged
    }
    const found =
      first === null ? 'MISSED' : `by history ${histories}: holds (${first.violations.join(', ')})`
    print(`  ${flaw}, ${meaning}: found within ${WITHIN}: ${found}`)
    if (first !== null) print(`    seed ${first.drawn.seed}, ${written(first.drawn)}`)
  }
}

function written({ transport, disruption, instances, logSize, backplane }: Drawn): string {
  return `${transport} ${disruption}, instances ${instances}, ${backplane}, log ${logSize}`
}

function backplaneOf({ instances, backplane }: Drawn): string {
  return instances === 1 ? 'none' : (backplane.split(':', 1)[0] ?? '')
}
