import pc from 'picocolors'
import { columnsOf } from '../report/columns.ts'
import type { RenderOptions, Reporter } from '../report/reporter.ts'
import type { Result } from '../result/document.ts'

const USUAL_WIDTH = 120

/** Writes a report of a result to stdout. */
export function printReport(reporter: Reporter, result: Result): void {
  printText((options) => reporter.render(result, options))
}

/** Writes text to stdout, with colour and width as the terminal has them. */
export function printText(render: (options: RenderOptions) => string): void {
  const { stdout } = process
  const color = stdout.isTTY === true && pc.isColorSupported
  stdout.write(render({ color, width: columnsOf(stdout, USUAL_WIDTH) }))
}
