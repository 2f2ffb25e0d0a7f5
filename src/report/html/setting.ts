import type { Result } from '../../result/document.ts'
import { withoutSecrets } from '../../scenario/secret.ts'
import { commandOf } from '../command.ts'
import { environmentOf } from '../environment.ts'
import { type Markup, markup } from '../markup.ts'
import { formatBytes, formatCount, formatDuration } from '../quantity.ts'
import { prose } from './prose.ts'
import { facts, section } from './section.ts'
import type { Subject } from './subject.ts'

/** The machine on which it was measured. */
export function environment({ id, result }: Subject): Markup {
  return section(`${id}-environment`, 'Environment', facts(environmentOf(result)))
}

/** What was asked for, with every default. */
export function scenario({ id, result }: Subject): Markup {
  return section(`${id}-scenario`, 'Scenario', facts(scenarioOf(result)))
}

/** The command that measures it again. */
export function reproduce({ id, result }: Subject): Markup {
  return section(
    `${id}-reproduce`,
    'Reproduce',
    markup`<pre tabindex="0" aria-label="The command that measures it again"><code>${prose(commandOf(result))}</code></pre>`,
  )
}

function scenarioOf({ scenario }: Result): [string, string][] {
  const ms = (value: number): string => formatDuration(value * 1000)
  return [
    ['Techniques', scenario.transports.join(', ')],
    ['Clients', formatCount(scenario.clients)],
    ['Window', ms(scenario.durationMs)],
    ['Warm-up', ms(scenario.warmupMs)],
    ['Ramp-up', scenario.rampUpMs === null ? 'auto' : ms(scenario.rampUpMs)],
    [
      'Channels',
      scenario.channels === 'per-client' ? 'one per client' : formatCount(scenario.channels),
    ],
    ['Rate', `${formatCount(scenario.rate)} events/s a channel`],
    ['Arrivals', scenario.arrivals],
    ['Payload', formatBytes(scenario.payloadBytes)],
    ['Poll interval', scenario.intervalMs === 0 ? 'at once' : ms(scenario.intervalMs)],
    ['Long polls held', ms(scenario.holdMs)],
    ['Engine', scenario.engine],
    ['Instances', String(scenario.instances)],
    ['Workers', String(scenario.workers)],
    ['Backplane', withoutSecrets(scenario.backplane)],
    ['Server', scenario.url === null ? 'its own' : withoutSecrets(scenario.url)],
    ['Repetitions', formatCount(scenario.repeat)],
    ['Thresholds', scenario.thresholds.join(', ') || 'none'],
    ['Seed', String(scenario.seed)],
  ]
}
