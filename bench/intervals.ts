/** How often sampling intervals have the truth in them: simulated, so that it needs no quiet machine. */
import { prepareHistograms } from '../src/measure/histogram.ts'
import { type Coverage, coverageOf, KNOWN_LOADS } from '../src/measure/known-load.conformance.ts'

const WINDOWS = 400
const SECONDS = [5, 10, 60]

export async function intervals(print: (line: string) => void): Promise<void> {
  await prepareHistograms()
  print(`intervals: ${WINDOWS} windows each; share that has the truth, share without an upper end,`)
  print('median width of the others by the truth; 95 % is nominal')
  for (const load of KNOWN_LOADS) {
    for (const seconds of SECONDS) {
      const { p50, p90, p99 } = coverageOf(load, seconds, WINDOWS)
      const cells = [p50, p90, p99].map((coverage) => told(coverage).padEnd(22))
      print(
        `  ${load.name.padEnd(40)} ${String(seconds).padStart(2)} s  ${cells.join('')}`.trimEnd(),
      )
    }
  }
}

function told({ windows, covered, open, width }: Coverage): string {
  if (windows === 0) return 'not printed'
  const [truth, endless] = [covered, open].map(
    (count) => `${Math.round((100 * count) / windows)} %`,
  )
  return `${truth}, ${endless}, ${width === null ? '–' : width.toFixed(2)}`
}
