import type { Run } from '../result/document.ts'
import type { Column } from './comparison.ts'
import { formatBytes, formatCount, isTie } from './quantity.ts'
import { heldPhrase, listed } from './wording.ts'

/**
 * The verdict of a scenario that publishes nothing: what waiting costs, by held connections, the
 * server's memory and requests in vain.
 */
export function idleLines(columns: readonly Column[]): string[] {
  const facts = columns.map(({ run, label }) => {
    const memory = memoryOf(run)
    const { requestsPerClientPerDay: requests } = run.exchanges
    const costs = [
      ...(memory === null ? [] : [`${formatBytes(memory)} of server memory`]),
      ...(requests === null ? [] : [`${formatCount(requests)} requests a day`]),
    ]
    const each = costs.length > 0 ? `, at ${costs.join(' and ')} per client` : ''
    return `${label} waited${heldPhrase(run)}${each}`
  })
  return [
    `Nothing was published, so this is what waiting costs: ${facts.join('; ')}.`,
    ...leastMemory(columns),
  ]
}

/** Nothing where there is no difference to tell, or nobody to compare with. */
function leastMemory(columns: readonly Column[]): string[] {
  const known = columns.flatMap(({ run, label }) => {
    const bytes = memoryOf(run)
    return bytes === null ? [] : [{ label, bytes }]
  })
  const least = Math.min(...known.map(({ bytes }) => bytes))
  const winners = known.filter(({ bytes }) => isTie(bytes, least))
  if (winners.length === known.length) return []
  const names = listed(winners.map(({ label }) => label))
  return [`Least server memory per client: ${names}, ${formatBytes(least)}.`]
}

function memoryOf({ server }: Run): number | null {
  return server?.rssBytesPerClient ?? null
}
