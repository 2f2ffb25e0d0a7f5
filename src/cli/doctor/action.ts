import { examine, printFindings } from '../../doctor/examination.ts'
import { gravest } from '../../doctor/finding.ts'
import { readMachine } from '../../doctor/machine.ts'
import { usageError } from '../../scenario/problem.ts'
import { isRefusal, parseCount } from '../../scenario/units.ts'
import { MOST_CLIENTS } from '../../scenario/values.ts'
import { packageVersion } from '../../version.ts'
import { ExitCode } from '../exit-code.ts'
import { printText } from '../output.ts'

const USUAL_WIDTH = 100

/** Examines this machine, and says what it means for a measurement and how to mend what is wrong. */
export async function act(options: {
  readonly clients?: string
  readonly json?: boolean
}): Promise<ExitCode> {
  const clients = options.clients === undefined ? null : clientsOf(options.clients)
  const reading = await readMachine()
  const findings = examine(reading, clients)
  const outcome = gravest(findings)
  if (options.json) {
    const tool = { name: 'rtbench', version: packageVersion() }
    process.stdout.write(
      `${JSON.stringify({ tool, clients, outcome, findings, reading }, null, 2)}\n`,
    )
  } else {
    printText((form) => printFindings(findings, form), USUAL_WIDTH)
  }
  return outcome === 'fail' ? ExitCode.couldNotRun : ExitCode.done
}

/** @throws RtbenchError `usage` */
function clientsOf(text: string): number {
  const clients = parseCount(text)
  const expected = 'expected a count from 1 to 10,000,000, such as 500 or 10k'
  const problem = isRefusal(clients)
    ? clients.problem
    : clients < 1 || clients > MOST_CLIENTS
      ? 'is out of bounds'
      : null
  if (problem === null && !isRefusal(clients)) return clients
  const place = { label: '--clients', order: 0 }
  throw usageError([{ place, text: `${JSON.stringify(text)} ${problem}; ${expected}` }])
}
