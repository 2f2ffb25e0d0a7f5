/**
 * How often a comparison is wrong: false alarms where both sides are the same, and changes found
 * where there is one, on synthetic figures by a fixed seed. No clock is read: the figures are the
 * same on every machine. They stand in docs/comparing.md.
 */
import { compareResults } from '../src/compare/compare.ts'
import { judgeStatistical } from '../src/compare/statistical.ts'
import {
  drawSamples,
  noises,
  noisyResult,
  type Spreads,
  shareOf,
  type Trial,
} from '../src/compare/synthetic.conformance.ts'
import { drawVerdict, type FaultTrial } from '../src/compare/synthetic-faults.conformance.ts'

const TRIALS = 1_000
const SEED = 1
const THRESHOLD = 0.1

/** As two-second runs of 200 clients spread on a quiet machine, and on a busy one. */
const MACHINES: Readonly<Record<string, Spreads>> = {
  quiet: { median: 0.12, tail: 0.3, cpu: 0.13, memory: 0.02 },
  busy: { median: 0.25, tail: 0.6, cpu: 0.14, memory: 0.02 },
}

type Print = (line: string) => void

export async function compare(print: Print, part: string | undefined): Promise<void> {
  if (part === undefined || part === 'metric') oneMetric(print)
  if (part === undefined || part === 'power') power(print)
  if (part === undefined || part === 'drift') drift(print)
  if (part === undefined || part === 'whole') whole(print)
  if (part === undefined || part === 'found') found(print)
  if (part === undefined || part === 'faults') faults(print)
}

function oneMetric(print: Print): void {
  print(`false alarms of one metric, ${TRIALS} A/A comparisons: regressed or improved`)
  for (const [name, noise] of Object.entries(noises)) {
    for (const repetitions of [5, 10]) {
      const shares = [0.05, 0.1, 0.2, 0.5].map((spread) => {
        const share = changedShare({ noise, spread, repetitions, factor: 1 })
        return `${percent(spread)}: ${percent(share)}`
      })
      print(`  ${name.padEnd(14)} ${repetitions} repetitions, spread ${shares.join(', ')}`)
    }
  }
}

function power(print: Print): void {
  print(`changes found by one metric, ${TRIALS} comparisons, log-normal`)
  const noise = noises['log-normal']
  if (noise === undefined) return
  for (const factor of [1.2, 1.5, 2]) {
    for (const repetitions of [5, 7, 10, 20]) {
      const shares = [0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3, 0.5].map((spread) => {
        const share = changedShare({ noise, spread, repetitions, factor })
        return `${percent(spread)}: ${percent(share)}`
      })
      const change = percent(factor - 1)
      print(`  +${change} at ${repetitions} repetitions, spread ${shares.join(', ')}`)
    }
  }
}

function drift(print: Print): void {
  const noise = noises['log-normal']
  if (noise === undefined) return
  print(
    `a machine that is slower for the candidate, by an echo beside each run, ${TRIALS} comparisons`,
  )
  for (const [repetitions, spread] of [
    [5, 0.06],
    [10, 0.1],
  ] as const) {
    for (const pace of [1.1, 1.25, 1.5]) {
      const same = { noise, spread, repetitions, factor: 1 }
      const alarms = [0.05, 0.1].map((echoSpread) => {
        const machine = { factor: pace, echoes: 2 * repetitions, echoSpread }
        return `echo spread ${percent(echoSpread)}: ${percent(changedShare({ ...same, machine }))}`
      })
      const blind = percent(changedShare({ ...same, factor: pace }))
      print(
        `  +${percent(pace - 1)}, ${repetitions} repetitions, spread ${percent(spread)}: false alarms without ${blind}, ${alarms.join(', ')}`,
      )
    }
    const steady = [0.05, 0.1].map((echoSpread) => {
      const machine = { factor: 1, echoes: 2 * repetitions, echoSpread }
      const share = changedShare({ noise, spread, repetitions, factor: 1.2, machine })
      return `echo spread ${percent(echoSpread)}: ${percent(share)}`
    })
    const blind = percent(changedShare({ noise, spread, repetitions, factor: 1.2 }))
    print(
      `  steady, ${repetitions} repetitions, spread ${percent(spread)}: +20 % found without ${blind}, ${steady.join(', ')}`,
    )
  }
}

function changedShare(trial: Trial): number {
  return shareOf(TRIALS, SEED, (random) => {
    const [finding] = judgeStatistical([drawSamples(trial, random)], THRESHOLD, () => random)
    return finding?.verdict === 'regressed' || finding?.verdict === 'improved'
  })
}

function whole(print: Print): void {
  print(`whole comparisons with a false alarm, ${TRIALS} A/A comparisons of four transports`)
  for (const [machine, spreads] of Object.entries(MACHINES)) {
    for (const [name, noise] of Object.entries(noises)) {
      for (const repetitions of [5, 10]) {
        const share = shareOf(TRIALS, SEED, (random) => {
          const sides = { repetitions, spreads, noise }
          const { judgements } = compareResults(
            [noisyResult(random, sides)],
            [noisyResult(random, sides)],
          )
          return judgements.some(({ verdict }) => verdict === 'regressed' || verdict === 'improved')
        })
        print(
          `  ${machine.padEnd(6)} ${name.padEnd(14)} ${repetitions} repetitions: ${percent(share)}`,
        )
      }
    }
  }
}

function found(print: Print): void {
  const noise = noises['log-normal']
  const spreads = MACHINES['quiet']
  if (noise === undefined || spreads === undefined) return
  print(`latencies of one transport of four slower, ${TRIALS} comparisons, quiet, log-normal`)
  for (const factor of [1.2, 1.3, 1.5, 2]) {
    for (const repetitions of [5, 7, 10]) {
      let p50 = 0
      const any = shareOf(TRIALS, SEED, (random) => {
        const sides = { repetitions, spreads, noise }
        const { judgements } = compareResults(
          [noisyResult(random, sides)],
          [noisyResult(random, { ...sides, change: { transport: 'sse', factor } })],
        )
        const regressed = judgements.filter(({ verdict }) => verdict === 'regressed')
        if (regressed.some(({ metric }) => metric === 'latency.p50Us')) p50++
        return regressed.some(({ transport }) => transport === 'sse')
      })
      print(
        `  +${percent(factor - 1)} at ${repetitions} repetitions: p50 ${percent(p50 / TRIALS)}, any ${percent(any)}`,
      )
    }
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

function faults(print: Print): void {
  print(`losses that both sides have, ${TRIALS} comparisons: regressed or improved`)
  for (const factor of [1, 2, 4]) {
    for (const burst of [1, 10, 100]) {
      for (const lost of [3, 30, 300]) {
        const shares = [1, 2, 3, 5, 10].map((repetitions) => {
          const share = faultShare({ repetitions, lost, burst, factor })
          return `${repetitions}: ${percent(share)}`
        })
        print(
          `  ${factor} × as many, ${burst} at a time, ${lost} a run, by repetitions ${shares.join(', ')}`,
        )
      }
    }
  }
}

function faultShare(trial: FaultTrial): number {
  return shareOf(TRIALS, SEED, (random) => {
    const verdict = drawVerdict(trial, random)
    return verdict === 'regressed' || verdict === 'improved'
  })
}
