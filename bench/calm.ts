/**
 * On a machine that does nothing else, the first contact has to be an answer: how many runs as anybody
 * would start them are valid, by default and with 10,000 clients, and what the others say of themselves.
 */
import { describeVerdict, observeRun } from '../src/cli/oracle/observed-run.conformance.ts'
import { type Print, printBar } from './bar.ts'

const RUNS = 20
const BAR = 0.95
const TECHNIQUES = ['short-poll', 'long-poll', 'sse', 'websocket']

/** By the name of a part. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  default: [],
  ...Object.fromEntries(
    TECHNIQUES.map((name) => [name, ['--transport', name, '--clients', '10000']]),
  ),
}

/** Invocations one after the other, of each kind in turn, so that none has the machine's best hour. */
export async function calm(
  print: Print,
  part: string | undefined,
  runs: number = RUNS,
): Promise<void> {
  const kinds = Object.entries(KINDS).filter(([name]) => part === undefined || part === name)
  print(`calm: ${runs} invocations of ${kinds.map(([name]) => name).join(', ')}`)
  const valid = new Map<string, number>()
  for (let run = 1; run <= runs; run++) {
    for (const [name, args] of kinds) {
      const { code, result, stderr } = await observeRun(args)
      const faults = (result?.runs ?? [])
        .filter(({ validity }) => validity.verdict !== 'valid')
        .map((one) => `${one.transport} ${describeVerdict(one)} (${tellReasons(one.validity)})`)
      if (code === 0 && result !== null && faults.length === 0) {
        valid.set(name, (valid.get(name) ?? 0) + 1)
      } else {
        const why = faults.length > 0 ? faults.join('; ') : (stderr.trim().split('\n').at(-1) ?? '')
        print(`    ${name}, run ${run}: exit ${code}, ${why}`)
      }
    }
  }
  for (const [name] of kinds) printBar(print, `${name} valid`, valid.get(name) ?? 0, runs, BAR)
}

interface Reasons {
  readonly reasons: readonly { readonly message: string }[]
}

function tellReasons({ reasons }: Reasons): string {
  return reasons.map(({ message }) => message).join(' / ')
}
