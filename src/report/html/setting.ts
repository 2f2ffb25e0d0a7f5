import type { RecordedScenario, Result } from '../../result/document.ts'
import { entryOf, type ScenarioKey } from '../../scenario/keys.ts'
import { RESOLVED } from '../../scenario/scenario.ts'
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
  return RESOLVED.flatMap(([key, name]) => {
    const { label } = entryOf(key)
    const value = scenario[name]
    return label === undefined || value === undefined ? [] : [[label, shown(key, value)]]
  })
}

function shown(key: ScenarioKey, value: RecordedScenario[keyof RecordedScenario]): string {
  const { unit, shownAs } = entryOf(key)
  const text = Array.isArray(value) ? value.join(', ') : withoutSecrets(String(value))
  const word = shownAs?.[text]
  if (word !== undefined || typeof value !== 'number' || unit === undefined) return word ?? text
  if (unit === 'ms') return formatDuration(value * 1000)
  if (unit === 'bytes') return formatBytes(value)
  return unit === 'events/s' ? `${formatCount(value)} events/s a channel` : formatCount(value)
}
