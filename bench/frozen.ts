/**
 * The instrument is kept from its work: its worker or its publisher is stopped within the window, or as
 * many busy loops as there are cores run beside 10,000 short pollers. None of these runs may be valid.
 */

import {
  type FrozenRun,
  hogged,
  isSound,
  judgeFrozen,
  startSlowServer,
  stopped,
} from '../src/cli/oracle/frozen.conformance.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import { type Print, printBar } from './bar.ts'

const WINDOW_MS = 10_000
const STOPS_MS = [300, 1_000, 3_000]
const ROLES = ['worker', 'publisher'] as const
const TRANSPORTS = ['sse', 'websocket', 'long-poll']
const POLLERS = 10_000

export async function frozen(print: Print, part: string | undefined, runs = 1): Promise<void> {
  await prepareHistograms()
  print(`frozen: windows of ${WINDOW_MS / 1000} s, ${runs} runs each`)
  const sound: boolean[] = []
  const judge = async (title: string, order: FrozenRun): Promise<void> => {
    const judged = await judgeFrozen(order)
    sound.push(isSound(judged))
    print(`  ${title.padEnd(36)} ${isSound(judged) ? 'holds' : 'MISSED'}: ${judged.line}`)
  }
  for (let run = 0; run < runs; run++) {
    if (part === undefined || part === 'stops') await judgeStops(judge)
    if (part === undefined || part === 'hogs') {
      await judge(`${POLLERS} short pollers, hogs`, hogged(POLLERS, WINDOW_MS))
    }
  }
  printBar(print, 'not valid, and blamed or covered', sound.filter(Boolean).length, sound.length, 1)
}

async function judgeStops(
  judge: (title: string, order: FrozenRun) => Promise<void>,
): Promise<void> {
  const server = await startSlowServer()
  const [port = 0] = server.ports
  try {
    for (const transport of TRANSPORTS) {
      for (const role of ROLES) {
        for (const stopMs of STOPS_MS) {
          const title = `${transport}, ${role} stopped ${stopMs} ms`
          await judge(title, stopped(role, stopMs, WINDOW_MS, transport, port))
        }
      }
    }
  } finally {
    await server.stop()
  }
}
