import pc from 'picocolors'
import type { RenderOptions, Reporter } from '../report/reporter.ts'
import type { Result } from '../result/document.ts'

const USUAL_WIDTH = 120

/** Writes a report to stdout, with colour and width as the terminal has them. */
export function printReport(reporter: Reporter, result: Result): void {
  printText(reporter.render(result, terminalOptions()))
}

export function printText(text: string): void {
  process.stdout.write(text)
}

/** Colour and width of stdout. */
export function terminalOptions(): RenderOptions {
  const { stdout } = process
  const color = stdout.isTTY === true && pc.isColorSupported
  return { color, width: stdout.columns ?? USUAL_WIDTH }
}
