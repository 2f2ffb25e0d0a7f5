import { resolve } from 'node:path'
import { LEAST_REPETITIONS } from '../../compare/statistical.ts'
import { RtbenchError } from '../../error.ts'
import { planOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import type { BaselineOptions } from '../../gate/baseline.ts'
import type { Judging } from '../../gate/judge.ts'
import { type Case, servedScenario } from '../../gate/revision.ts'
import { shellWord } from '../../report/wording.ts'
import { safeFileName } from '../../result/store.ts'
import { flagLayer } from '../../scenario/layer.ts'
import { withoutSecrets } from '../../scenario/secret.ts'
import { didYouMean } from '../../scenario/suggestion.ts'
import { type MeasurementFlags, minChangeOf } from '../flags.ts'

/** The flags of `ci`. */
export interface CiOptions
  extends Pick<MeasurementFlags, 'token' | 'allowRemote' | 'out' | 'save' | 'quiet'> {
  readonly baseline?: string
  readonly updateBaseline?: boolean
  readonly requireBaseline?: boolean
  readonly against?: string
  readonly build?: string
  readonly serve?: string
  readonly only?: string
  readonly repeat?: string
  readonly minChange?: string
  readonly url?: string
  readonly junit?: string
  readonly allowInvalid?: boolean
}

/** How baselines are read, and missed. */
export function baselineOptionsOf(options: CiOptions): BaselineOptions {
  const { baseline, against, updateBaseline, requireBaseline } = options
  return {
    folder: baseline ?? null,
    use: updateBaseline ? 'update' : requireBaseline ? 'require' : 'compare',
    isPaired: against !== undefined,
    deterministicOnly: judgingOf(options).deterministicOnly,
    updateLine: (one) => updateLine(one, options),
  }
}

export function judgingOf(options: CiOptions): Judging {
  const { only } = options
  if (only !== undefined && only !== 'deterministic') {
    const hint = didYouMean(only, ['deterministic'])
    throw usage(`--only: unknown kind ${only}${hint}; expected deterministic`)
  }
  return {
    deterministicOnly: only === 'deterministic',
    thresholdShare: minChangeOf(options),
  }
}

/** Flags that are at odds, or of which one says nothing without another. */
export function checkOptions(options: CiOptions): void {
  const { baseline, against, build, serve, url, updateBaseline, requireBaseline } = options
  if (baseline !== undefined && against !== undefined) {
    throw usage('--against: compares without a baseline; leave out --baseline')
  }
  if (against === undefined && build !== undefined) {
    throw usage('--build: only together with --against; build what is here before')
  }
  if (baseline === undefined && (updateBaseline || requireBaseline)) {
    const flag = updateBaseline ? '--update-baseline' : '--require-baseline'
    throw usage(`${flag}: name the folder by --baseline`)
  }
  if (updateBaseline && requireBaseline) {
    throw usage(
      '--require-baseline: --update-baseline stores one where there is none; leave one out',
    )
  }
  if (against !== undefined && url !== undefined) {
    throw usage('--url: a running server is of one commit; with --against, start it by --serve')
  }
  if (serve !== undefined && url !== undefined) {
    throw usage('--url: --serve starts the server to be measured; leave one out')
  }
  if (serve !== undefined && !serve.includes('{port}')) {
    throw usage(
      '--serve: does not say where the port goes; write {port}, as in: node server.js --port {port}',
    )
  }
}

/**
 * The scenarios, each read before the first is measured.
 * @throws RtbenchError `usage`; also where two have one name, by which baselines are found, where one
 *   is a sweep, and where both sides of a pair would be one server
 */
export async function casesOf(
  files: readonly string[],
  options: CiOptions,
): Promise<readonly Case[]> {
  const { deterministicOnly } = judgingOf(options)
  const { repeat, url, serve, against } = options
  const cases: Case[] = []
  for (const file of files) {
    const flags = flagLayer({
      ...(url === undefined ? {} : { url }),
      ...(repeat !== undefined ? { repeat } : deterministicOnly ? { repeat: '1' } : {}),
    })
    const { scenario: read, sweep } = planOf([flags, ...(await sourcesBelowFlags(file))])
    if (sweep !== null) {
      throw usage(`${file}: sweeps ${sweep.key}; a gate measures one value: write a scenario of it`)
    }
    if (against !== undefined && serve === undefined && read.url !== null) {
      throw usage(
        `${file}: --against would measure the server at ${read.url} on both sides; start each side's by --serve`,
      )
    }
    const alone = against !== undefined && !deterministicOnly && repeat === undefined
    const repeated = alone ? { ...read, repeat: Math.max(LEAST_REPETITIONS, read.repeat) } : read
    const scenario =
      serve !== undefined && against === undefined ? servedScenario(repeated) : repeated
    const name = safeFileName(scenario.name)
    const other = cases.find((one) => safeFileName(one.scenario.name) === name)
    if (other !== undefined && resolve(other.file) === resolve(file)) {
      throw usage(`${file}: given twice; leave one out`)
    }
    if (other !== undefined) {
      throw usage(`${file}: has the same name as ${other.file}, ${scenario.name}; give it another`)
    }
    cases.push({ file, scenario })
  }
  return cases
}

function usage(message: string): RtbenchError {
  return new RtbenchError('usage', message)
}

/** The command line that stores a case's baseline anew, measured as it is now; for a POSIX shell. */
export function updateLine({ file }: Pick<Case, 'file'>, options: CiOptions): string {
  const { baseline = '', url, serve, only, repeat, allowRemote } = options
  return [
    `rtbench ci ${shellWord(file)} --baseline ${shellWord(baseline)} --update-baseline`,
    ...(url === undefined ? [] : [`--url ${shellWord(withoutSecrets(url))}`]),
    ...(serve === undefined ? [] : [`--serve ${shellWord(serve)}`]),
    ...(allowRemote ? ['--allow-remote'] : []),
    ...(only === undefined ? [] : [`--only ${shellWord(only)}`]),
    ...(repeat === undefined ? [] : [`--repeat ${shellWord(repeat)}`]),
  ].join(' ')
}
