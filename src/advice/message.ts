import type { Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { cpuLine, loadOf } from './cpu.ts'
import { isSound } from './evidence.ts'
import { logRatio } from './log-ratio.ts'

/** What the messages of all clients cost together, where each is a request of its own. */
export interface MessageCost {
  readonly bytesPerSecond: number
  /** Without what a server takes for itself; null where no server told its CPU. */
  readonly cores: number | null
  /** Messages per second, by the requests of the run by which they are costed. */
  readonly factor: number
}

/**
 * Costs what clients send by the requests of a short poll, of the run that is nearest in requests per
 * second: a small request and a small answer. Null where no result has one, or nobody knows how often
 * clients send.
 */
export function messageCost(
  { users, messagesPerUserPerSecond: rate }: Workload,
  results: readonly Result[],
): MessageCost | null {
  if (rate === null || rate === 0) return null
  const load = users * rate
  const [run] = results
    .flatMap(({ runs }) => runs)
    .filter((one) => one.technique.traits.keepsInterval && isSound(one) && loadOf(one) > 0)
    .sort((one, other) => logRatio(loadOf(one), load) - logRatio(loadOf(other), load))
  if (run === undefined) return null
  const line = cpuLine(run, load, results)
  const { bytesReceived, bytesSent } = run.wire
  return {
    bytesPerSecond: ((bytesReceived + bytesSent) / run.exchanges.requests) * load,
    cores: line === null ? null : line.perLoad * load,
    factor: load / loadOf(run),
  }
}
