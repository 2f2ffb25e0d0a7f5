import pc from 'picocolors'
import type { Reporter } from '../report/reporter.ts'
import type { Result } from '../result/document.ts'

const USUAL_WIDTH = 120

/** Writes a report to stdout, with colour and width as the terminal has them. */
export function printReport(reporter: Reporter, result: Result): void {
  const { stdout } = process
  const color = stdout.isTTY === true && pc.isColorSupported
  process.stdout.write(reporter.render(result, { color, width: stdout.columns ?? USUAL_WIDTH }))
}
