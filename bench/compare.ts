/**
 * How often a comparison of two results is wrong, and what it finds, on synthetic figures by a fixed seed. No clock is
 * read: the figures are the same on every machine. They stand in docs/comparing.md; of what is measured in turn `gate`
 * tells.
 */
import { judgeStatistical } from '../src/compare/statistical.ts'
import { drawSamples, noises, shareOf, type Trial } from '../src/compare/synthetic.conformance.ts'
import { drawVerdict, type FaultTrial } from '../src/compare/synthetic-faults.conformance.ts'
import type { Verdict } from '../src/result/judgement.ts'

const TRIALS = 1_000
const SEED = 1
const JUDGING = { thresholdShare: 0.1, level: 0.025 }

type Print = (line: string) => void

export async function compare(print: Print, part: string | undefined): Promise<void> {
  if (part === undefined || part === 'same') same(print)
  if (part === undefined || part === 'changed') changed(print)
  if (part === undefined || part === 'pace') pace(print)
  if (part === undefined || part === 'faults') faults(print)
}

function same(print: Print): void {
  print(
    `the same on both sides, ${TRIALS} comparisons of a figure: regressed or improved, unchanged`,
  )
  for (const [name, noise] of Object.entries(noises)) {
    for (const repetitions of [5, 10, 20]) {
      const shares = [0.05, 0.1, 0.2].map((spread) => {
        const trial = { noise, spread, repetitions, factor: 1 }
        const alarms = share(trial, 'regressed') + share(trial, 'improved')
        return `spread ${percent(spread)}: ${percent(alarms)}, ${percent(share(trial, 'unchanged'))}`
      })
      print(`  ${name.padEnd(14)} ${repetitions} repetitions: ${shares.join('; ')}`)
    }
  }
}

function changed(print: Print): void {
  print(`a figure that changed, log-normal, ${TRIALS} comparisons: regressed, unchanged`)
  const noise = noises['log-normal']
  if (noise === undefined) return
  for (const factor of [1.05, 1.12, 1.2, 1.5, 2]) {
    for (const repetitions of [5, 10, 20, 40]) {
      const shares = [0.05, 0.1, 0.15, 0.2].map((spread) => {
        const trial = { noise, spread, repetitions, factor }
        return `spread ${percent(spread)}: ${percent(share(trial, 'regressed'))}, ${percent(share(trial, 'unchanged'))}`
      })
      print(`  +${percent(factor - 1)} at ${repetitions} repetitions: ${shares.join('; ')}`)
    }
  }
}

function pace(print: Print): void {
  print(`a machine that is slower for the candidate, ${TRIALS} comparisons of the same: regressed`)
  const noise = noises['log-normal']
  if (noise === undefined) return
  for (const factor of [1, 1.1, 1.25, 1.5]) {
    const shares = [5, 10, 20].map((repetitions) => {
      const trial = { noise, spread: 0.08, repetitions }
      const blind = share({ ...trial, factor }, 'regressed')
      const told = share(
        { ...trial, factor: 1, machine: { factor, echoSpread: 0.08 } },
        'regressed',
      )
      return `${repetitions} repetitions without an echo ${percent(blind)}, with it ${percent(told)}`
    })
    print(`  +${percent(factor - 1)}: ${shares.join('; ')}`)
  }
}

function share(trial: Trial, verdict: Verdict): number {
  return shareOf(
    TRIALS,
    SEED,
    (random) => judgeStatistical(drawSamples(trial, random), JUDGING).verdict === verdict,
  )
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
