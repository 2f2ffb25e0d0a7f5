import pc from 'picocolors'
import type { RenderOptions, Reporter } from '../report/reporter.ts'
import { terminalWidth } from '../report/terminal.ts'
import type { Result } from '../result/document.ts'

const USUAL_WIDTH = 120

/** Writes a report of a result to stdout. */
export function printReport(reporter: Reporter, result: Result): void {
  printText((options) => reporter.render(result, options))
}

/**
 * Writes text to stdout, with colour and width as the terminal has them.
 * @param usualWidth where there is no terminal
 */
export function printText(
  render: (options: Required<Pick<RenderOptions, 'color' | 'width'>>) => string,
  usualWidth = USUAL_WIDTH,
): void {
  const { stdout } = process
  stdout.write(render({ color: hasColor(), width: terminalWidth(stdout, usualWidth) }))
}

/** By the terminal; logs of continuous integration have it where FORCE_COLOR asks for it. */
function hasColor(): boolean {
  const { FORCE_COLOR: forced = '' } = process.env
  return pc.isColorSupported && (process.stdout.isTTY === true || /^(?:[1-3]|true)$/.test(forced))
}
