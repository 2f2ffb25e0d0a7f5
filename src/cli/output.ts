/** Where results go: what is printed and saved, and whether it can be. */
import { extname } from 'node:path'
import pc from 'picocolors'
import { RtbenchError } from '../error.ts'
import type { MeasurementOptions } from '../experiment/experiment.ts'
import { html } from '../report/html/page.ts'
import { markdown, pictureChart, pictureFile } from '../report/markdown.ts'
import { ProgressWriter } from '../report/progress-writer.ts'
import type { RenderOptions } from '../report/reporter.ts'
import { json } from '../report/reporters.ts'
import { table } from '../report/table.ts'
import { terminalWidth } from '../report/terminal.ts'
import { listed } from '../report/wording.ts'
import { tryFolder } from '../result/atomic-file.ts'
import { codeOf } from '../result/cause.ts'
import type { Environment, Result } from '../result/document.ts'
import { type Rendering, saveResult } from '../result/store.ts'
import type { Layer } from '../scenario/layer.ts'
import type { Plan } from '../scenario/plan.ts'
import { printScenario } from '../scenario/printed.ts'
import { tell } from '../tell.ts'
import { ExitCode } from './exit-code.ts'
import type { MeasurementFlags } from './flags.ts'
import { interruptible } from './interruption.ts'

/** How a command measures: as its flags say, with its progress on stderr, until it is told to end. */
export function settingOf(
  options: Pick<MeasurementFlags, 'token' | 'allowRemote' | 'quiet'>,
  environment: Environment,
): MeasurementSetting {
  const progress = new ProgressWriter(process.stderr, { quiet: options.quiet ?? false })
  return {
    token: options.token ?? process.env['RTBENCH_TOKEN'] ?? null,
    allowRemote: options.allowRemote ?? false,
    environment,
    openFilesLimit: environment.openFilesLimit,
    ...interruptible(progress),
    progress,
    onRun: async () => {},
  }
}

interface MeasurementSetting extends MeasurementOptions {
  readonly environment: Environment
  readonly progress: ProgressWriter
}

/**
 * Where results go, which is tried; null where nothing is to be saved.
 * @throws RtbenchError `usage` where nothing can be written there, or a page is to be saved where nothing
 *   is; `not-written` where the disk is full
 */
export async function folderOf(
  options: Pick<MeasurementFlags, 'out' | 'save' | 'html'>,
): Promise<string | null> {
  if (options.html === true && options.save === false) {
    throw new RtbenchError(
      'usage',
      '--html: saves a page, and --no-save nothing; expected one of them',
    )
  }
  if (options.save === false) return null
  const folder = options.out ?? process.env['RTBENCH_OUT'] ?? 'results'
  await assertWritable(folder, '--out')
  return folder
}

/**
 * Saves what there is after a run, so that nothing of it is lost whatever becomes of the next one.
 * A failure is not told here: the last saving, which replaces this one, meets it again.
 */
export async function keepResult(result: Result, folder: string | null): Promise<void> {
  if (folder !== null) await save(result, folder)
}

/**
 * Prints a result, then saves it; false when it could not be saved. Printing comes first: whatever
 * happens to the disk, nothing that was measured is lost.
 */
export async function publishResult(
  result: Result,
  folder: string | null,
  options: Pick<MeasurementFlags, 'json' | 'full' | 'quiet' | 'html'>,
): Promise<boolean> {
  const reporter = options.json ? json : table
  const { full = false } = options
  printText((form) => reporter.render(result, { ...form, full }))
  return folder === null || storeResult(result, folder, options)
}

/** Saves a result and says where; false when it could not be saved, which is said, too. */
export async function storeResult(
  result: Result,
  folder: string,
  { quiet, html }: Pick<MeasurementFlags, 'quiet' | 'html'>,
): Promise<boolean> {
  const saved = await save(result, folder, html)
  if (saved instanceof RtbenchError) tell(`rtbench: ${saved.message}`)
  else if (!quiet) tell(`saved ${savedLine(saved)}`)
  return !(saved instanceof RtbenchError)
}

/** `results/a.json, .md and .svg`: one line of a terminal. */
function savedLine([first = '', ...others]: readonly string[]): string {
  return listed([first, ...others.map((path) => extname(path))])
}

/** The paths, or why there are none. */
async function save(
  result: Result,
  folder: string,
  withPage = false,
): Promise<readonly string[] | RtbenchError> {
  try {
    return await saveResult(folder, result, (baseName) => renderingsOf(result, baseName, withPage))
  } catch (error) {
    if (error instanceof RtbenchError) return error
    throw error
  }
}

/** The picture before the Markdown that shows it: no reader finds a reference to nothing. */
function renderingsOf(result: Result, baseName: string, withPage: boolean): readonly Rendering[] {
  const chart = pictureChart(result)
  const pages = withPage ? [{ extension: html.extension, text: html.render(result) }] : []
  if (chart === null) {
    return [{ extension: markdown.extension, text: markdown.render(result) }, ...pages]
  }
  const picture = { file: `${baseName}.svg`, title: chart.title }
  return [
    { extension: 'svg', text: pictureFile(chart) },
    { extension: markdown.extension, text: markdown.render(result, { picture }) },
    ...pages,
  ]
}

const USUAL_WIDTH = 120

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

/**
 * Prints a scenario with the source of each value, instead of measuring it.
 * @param note what no scenario says
 */
export function printConfig(plan: Plan, layers: readonly Layer[], note?: string): ExitCode {
  if (note !== undefined) process.stdout.write(`# ${note}\n`)
  process.stdout.write(printScenario(plan, layers))
  return ExitCode.done
}

/**
 * Sees that results can be written into a folder, before anything is measured: nobody measures twice for
 * a typing error.
 * @param flag by which another folder is named
 * @throws RtbenchError `usage`; `not-written` where the disk is full
 */
export async function assertWritable(folder: string, flag: string): Promise<void> {
  await asUsage(`${flag}: ${folder}`, folder, () =>
    tryFolder(folder, `name another folder by ${flag}`),
  )
}

/**
 * Writes, and takes a place where nothing can be written for a wrong flag.
 * @param what is told of it: `--out: results`
 * @param path that the writer's error begins with
 */
export async function asUsage(
  what: string,
  path: string,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const why = error.message.replace(`${path}: not written: `, '')
    const isFull = FULL.includes(codeOf(error.cause) ?? '')
    throw new RtbenchError(
      isFull ? 'not-written' : 'usage',
      `${what} cannot be written: ${why}`,
      error,
    )
  }
}

/** No word of the user's is wrong then. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT']
