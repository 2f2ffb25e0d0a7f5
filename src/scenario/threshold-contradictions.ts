import type { Contradiction } from './contradictions.ts'
import { show } from './problem.ts'
import type { Scenario } from './scenario.ts'
import { leastEvents, needs, parseThreshold } from './threshold.ts'
import { formatWhole, isRefusal } from './units.ts'

/**
 * What no run can keep, whatever is measured: a figure that is missing keeps no threshold.
 * @param hasExchanges whether a transport gets events by requests
 */
export function thresholdContradictions(
  { clients, channels, rate, durationMs, thresholds, target, transports }: Scenario,
  hasExchanges: (transport: string) => boolean,
): readonly Contradiction[] {
  const found: Contradiction[] = []
  // A broadcast is one event, however many hear it: one delay is in all of its deliveries.
  const heard = channels === 'per-client' ? clients : Math.min(channels, clients)
  const events = (heard * rate * durationMs) / 1000
  const pushed = transports.filter((name) => !hasExchanges(name))
  for (const [index, written] of thresholds.entries()) {
    const threshold = parseThreshold(written)
    if (isRefusal(threshold)) continue
    const keys = ['threshold', 'clients', 'channels', 'rate', 'duration'] as const
    if (rate === 0 && needs(threshold, 'deliveries')) {
      const text = `${show(written)} asks about deliveries, and rate 0 makes none; expected a rate above 0`
      found.push({ keys, inside: [index], text })
    } else if (events < leastEvents(threshold)) {
      const least = formatWhole(leastEvents(threshold))
      const per = channels === 'per-client' ? 'clients' : 'channels'
      const text = `${show(written)} needs ${least} events, and these ${per}, rate and duration make about ${formatWhole(events)}; expected more of them, or a lower percentile`
      found.push({ keys, inside: [index], text })
    } else if (target !== null && needs(threshold, 'server')) {
      const text = `${show(written)} asks for what a described server does not tell; expected a figure of the clients, or no target`
      found.push({ keys: ['threshold', 'target'], inside: [index], text })
    } else if (pushed.length > 0 && needs(threshold, 'requests')) {
      const text = `${show(written)} asks about requests, of which ${pushed.join(', ')} makes none; expected transports that poll`
      found.push({ keys: ['threshold', 'transport'], inside: [index], text })
    }
  }
  return found
}
