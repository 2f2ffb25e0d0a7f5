import { join } from 'node:path'
import { RtbenchError } from '../../error.ts'
import { planOf, sourcesBelowFlags, targetOf } from '../../experiment/plan.ts'
import { probeMatrix, probeTarget } from '../../probe/probe.ts'
import { printMatrix, printProbe } from '../../probe/report.ts'
import { ProgressWriter } from '../../report/progress-writer.ts'
import { writeAtomically } from '../../result/atomic-file.ts'
import { readEnvironment } from '../../result/environment.ts'
import { resultBaseName } from '../../result/store.ts'
import { flagLayer } from '../../scenario/layer.ts'
import {
  isRefusal,
  parseCount,
  parseDuration,
  type Refusal,
  writeDuration,
} from '../../scenario/units.ts'
import { tell } from '../../tell.ts'
import { packageVersion } from '../../version.ts'
import { ExitCode } from '../exit-code.ts'
import { readFlag } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { assertWritable, printText } from '../output.ts'

/** The flags of `probe`, as they are written. */
interface ProbeOptions {
  readonly via?: string
  readonly viaConfig?: string
  readonly transport?: string
  readonly longest?: string
  readonly connections?: string
  readonly token?: string
  readonly allowRemote?: boolean
  readonly json?: boolean
  readonly out?: string
  readonly save?: boolean
  readonly quiet?: boolean
}

const USUAL_FOLDER = 'results/probes'
const USUAL_WIDTH = 100

/** Probes a way to a server, or all proxies, prints what was found and saves it. */
export async function act(place: string | undefined, options: ProbeOptions): Promise<ExitCode> {
  const longestMs = readFlag('--longest', options.longest ?? '2m', longest)
  const connections = readFlag('--connections', options.connections ?? '32', count)
  const isUrl = place !== undefined && /^[a-z]+:\/\//i.test(place)
  const { via, viaConfig, transport } = options
  const flags = { via, viaConfig, transport, ...(isUrl && { url: place }) }
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  const layers = [flagLayer(given), ...(await sourcesBelowFlags(isUrl ? undefined : place))]
  const { scenario } = planOf(layers)
  if (scenario.url === null && scenario.via.length === 0) {
    throw new RtbenchError(
      'usage',
      'probe: nothing says what to ask; expected a URL, a scenario file with one, or --via',
    )
  }
  const folder = options.save === false ? null : (options.out ?? USUAL_FOLDER)
  if (folder !== null) await assertWritable(folder, '--out')
  const environment = await readEnvironment()
  const progress = new ProgressWriter(process.stderr, { quiet: options.quiet ?? false })
  const { signal } = interruptible(progress)
  const patience = { longestMs, connections, signal }
  const note = (text: string): void => progress.note(text)
  const head = { tool: { name: 'rtbench', version: packageVersion() }, environment, longestMs }
  const begin = (): void => note(`waits for silences of up to ${writeDuration(longestMs)}`)
  if (scenario.url === null) {
    begin()
    const ways = scenario.via
    const document = { ...head, kind: 'proxies', ...(await probeMatrix(scenario, patience, note)) }
    progress.end()
    if (signal.aborted) return ExitCode.interrupted
    return publish(document, `proxies-${ways.join('-')}`, (form) => printMatrix(document, form))
  }
  const token = options.token ?? process.env['RTBENCH_TOKEN'] ?? null
  const { allowRemote = false } = options
  const target = await targetOf(scenario.url, { token, allowRemote })
  begin()
  const document = {
    ...head,
    kind: 'probe',
    url: scenario.url,
    ...(await probeTarget(target, scenario, patience)),
  }
  progress.end()
  if (signal.aborted) return ExitCode.interrupted
  return publish(document, `probe-${target.authority}`, (form) => printProbe(document, form))

  async function publish(
    found: object,
    name: string,
    render: Parameters<typeof printText>[0],
  ): Promise<ExitCode> {
    const text = `${JSON.stringify(found, null, 2)}\n`
    if (options.json) process.stdout.write(text)
    else printText(render, USUAL_WIDTH)
    if (folder === null) return ExitCode.done
    const path = join(folder, `${resultBaseName(name, environment.startedAt)}.json`)
    try {
      await writeAtomically(path, text, 'name another folder by --out')
    } catch (error) {
      if (!(error instanceof RtbenchError)) throw error
      tell(`rtbench: ${error.message}`)
      return ExitCode.notWritten
    }
    if (options.quiet !== true) tell(`saved ${path}`)
    return ExitCode.done
  }
}

function longest(text: string): number | Refusal {
  const expected = 'expected a duration from 1s to 10m, such as 2m'
  const value = parseDuration(text)
  if (isRefusal(value)) return { problem: `${value.problem}; ${expected}` }
  return value >= 1_000 && value <= 600_000 ? value : { problem: `is out of bounds; ${expected}` }
}

function count(text: string): number | Refusal {
  const expected = 'expected a count from 1 to 1000, such as 32'
  const value = parseCount(text)
  if (isRefusal(value)) return { problem: `${value.problem}; ${expected}` }
  return value >= 1 && value <= 1_000 ? value : { problem: `is out of bounds; ${expected}` }
}
