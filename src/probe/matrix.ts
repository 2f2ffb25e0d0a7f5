/** What came of several ways: a table of technique and way, and a sentence for each technique. */
import { listed } from '../report/wording.ts'
import { AT_ONCE_MS, type TechniqueFacts } from './examination.ts'
import { bufferText, msText, silenceText } from './findings.ts'

/** A way through a proxy, and what was found on it. */
export interface WayFacts {
  readonly program: string
  readonly label: string
  readonly version: string
  readonly configuration: string
  readonly role: 'reverse' | 'forward'
  readonly techniques: readonly TechniqueFacts[]
}

/** `at once; cut after 60 s` */
export function cellOf(facts: TechniqueFacts): string {
  const { blocked, heldBytes, heldWhenHinted, delayMs, ordered, coding } = facts
  if (blocked !== null) return `blocked (${blocked.replace(/^was answered /, '')})`
  const delivered =
    heldBytes !== null
      ? `held back until ${bufferText(heldBytes)}${heldWhenHinted === false ? ' (unless X-Accel-Buffering: no)' : ''}`
      : delayMs === null
        ? 'nothing came'
        : delayMs > AT_ONCE_MS
          ? `${msText(delayMs)} late`
          : 'at once'
  return [
    delivered,
    ...(ordered === false ? ['out of order'] : []),
    ...(facts.cutAfterMs === null ? [] : [cutText(facts.cutAfterMs, facts.cutBy)]),
    ...(coding === null ? [] : [`compressed (${coding})`]),
  ].join('; ')
}

function cutText(cutAfterMs: number, cutBy: string | null): string {
  const status = /^\d+$/.test(cutBy ?? '') ? ` (${cutBy})` : ''
  return `cut after ${silenceText(cutAfterMs)}${status}`
}

/** Events come at once: what is cut when it is silent passes all the same. */
function passes({ blocked, heldBytes, delayMs }: TechniqueFacts): boolean {
  return blocked === null && heldBytes === null && delayMs !== null && delayMs <= AT_ONCE_MS
}

/** `passes 9 of 10; nginx's defaults hold events back until 4 KiB` */
export function sentenceOf(technique: string, ways: readonly WayFacts[]): string {
  const met = ways.flatMap((way) =>
    way.techniques
      .filter((facts) => facts.technique === technique)
      .map((facts) => ({ way, facts })),
  )
  const some = (choose: (facts: TechniqueFacts) => boolean) =>
    met.filter(({ facts }) => choose(facts))
  const blocked = some((facts) => facts.blocked !== null)
  const held = some(({ heldBytes }) => heldBytes !== null)
  const late = some(({ heldBytes, delayMs }) => heldBytes === null && (delayMs ?? 0) > AT_ONCE_MS)
  const cuts = met.flatMap(({ facts }) => facts.cutAfterMs ?? [])
  const passed = some(passes).length
  return [
    `passes ${passed} of ${met.length}`,
    ...(blocked.length === 0 ? [] : [`${whose(blocked.map(({ way }) => way))} block it`]),
    ...held.map(
      ({ way, facts }) =>
        `${whose([way])} hold events back until ${bufferText(facts.heldBytes ?? 0)}`,
    ),
    ...late.map(({ way, facts }) => `${whose([way])} deliver ${msText(facts.delayMs ?? 0)} late`),
    ...(cuts.length === 0
      ? []
      : [`silence is cut by ${cuts.length}, from ${silenceText(Math.min(...cuts))} on`]),
  ].join('; ')
}

/** `the defaults of nginx, Apache and Squid` */
function whose(ways: readonly WayFacts[]): string {
  const labelled = (isDefault: boolean) =>
    ways
      .filter(({ configuration }) => (configuration === 'default') === isDefault)
      .map(({ label }) => label)
  const [first, ...others] = labelled(true)
  const recommended = labelled(false).map((label) => `${label} as recommended`)
  if (first === undefined) return listed(recommended)
  const defaults =
    others.length === 0 ? `${first}'s defaults` : `the defaults of ${listed([first, ...others])}`
  return listed([defaults, ...recommended])
}
