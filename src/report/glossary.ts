/** Every term that a report shows, explained: from the catalogues of figures, of reasons and of a scenario's keys, and what is in none. */
import { FIGURES } from '../figures/catalogue.ts'
import { REASON_CODES, reasonKind } from '../measure/reason.ts'
import { entryOf, flagOf, TOLD_KEYS, usualOf } from '../scenario/keys.ts'
import { suggest } from '../scenario/suggestion.ts'
import { transports } from '../transports/registry.ts'
import { rows } from './row.ts'
import { costs } from './swept.ts'
import { capitalised } from './wording.ts'

export interface Term {
  /** Of the list. */
  readonly group: string
  readonly name: string
  readonly meaning: string
  /** Other names, by which it is found as well. */
  readonly aliases: readonly string[]
}

function term(group: string, name: string, meaning: string, ...aliases: readonly string[]): Term {
  return { group, name, meaning, aliases }
}

const TECHNIQUES = 'Techniques'
const VALIDITY = 'Whether a run is to be believed'
const WORDS = 'Words'

/** What is in no catalogue. */
const OWN: readonly Term[] = [
  term(VALIDITY, 'valid', 'The median is sound, and nothing else speaks against the figures.'),
  term(
    VALIDITY,
    'suspect',
    'Look at the reason before you rely on the figures: the median is not sound, or something was not as asked for.',
  ),
  term(
    VALIDITY,
    'invalid',
    'The figures show the instrument rather than the technique: no percentile is sound, or what was counted is in doubt.',
  ),
  term(VALIDITY, 'partial', 'A process was lost on the way: the figures are of the rest.'),
  term(VALIDITY, 'missing', 'A run that was asked for and could not be measured.'),
  term(
    WORDS,
    'bounds',
    'A latency of two figures, such as 4.1–4.4 ms, lies between them: as if the instrument had been on time, and as observed. What is said of it holds at both.',
    'two figures',
    'span',
    'sound',
  ),
  term(
    WORDS,
    'p50, p95, p99',
    'Of 100 deliveries 50, 95 or 99 were no slower: the usual case, and the tail. "–" where the events were too few for it.',
    ...['p50', 'p95', 'p99', 'p99.9', 'percentile', 'median', 'tail'],
  ),
  term(
    WORDS,
    'held connections',
    'Connections on which the server keeps an obligation: a parked poll, an open stream or socket. An idle connection of a poller is open, not held.',
  ),
  term(WORDS, 'delivery', 'One receipt of an event by one client.', 'deliveries'),
  term(
    WORDS,
    'event',
    'What is published once and delivered to each client of its channel.',
    'publish',
  ),
  term(
    WORDS,
    'fan-out',
    'Writing one event to all who are subscribed to its channel, one after the other.',
  ),
  term(WORDS, 'exchange', 'One request and its response; an empty one carries no event.', 'poll'),
  term(
    WORDS,
    'instrument',
    'Publisher and clients, that is all of rtbench but its server. What it does late itself is no lateness of the technique.',
    'generator',
    'swarm',
    'lateness',
  ),
  term(
    WORDS,
    'slip',
    'How much later than its schedule wanted the publisher sent an event. Latency counts from the schedule, so that it is in it; as a reason against a run it was most of the lateness of the instrument: lower --rate.',
  ),
  term(
    WORDS,
    'reconnect storm',
    'The return of all clients that one disruption has cost their connection: the one that cost the most of them theirs. Its times count from when that was done.',
    'storm',
    'thundering herd',
  ),
  term(
    WORDS,
    'jitter',
    'Chance in the waits before clients connect anew, so that those who were cut together do not come together: --backoff says how much of a wait it is.',
    'retry',
    'Retry-After',
  ),
  term(WORDS, 'window', 'The time that is measured, after the warm-up.', 'steady'),
  term(
    WORDS,
    'repetition',
    'One of the runs of --repeat. Each column shows the one with the median p50; nothing is averaged.',
    'run',
  ),
]

/** All terms, a name once; a row goes before a word that is called the same. */
export const GLOSSARY: readonly Term[] = unique([
  ...rows.map(({ label, definition, figure }) =>
    term('Rows of the table', label, definition, ...(figure === undefined ? [] : [figure.path])),
  ),
  ...transports.map(({ name, label, otherNames, traits }) =>
    term(
      TECHNIQUES,
      label,
      `${capitalised(traits.direction)} over ${traits.protocol}; best for ${traits.bestFor}.`,
      ...[name, name.replaceAll('-', ''), ...otherNames],
    ),
  ),
  ...OWN.slice(0, 5),
  ...REASON_CODES.map((code) => term(VALIDITY, code, reasonKind(code).meaning)),
  ...FIGURES.flatMap(({ label, definition, path }) =>
    label === undefined || definition === undefined
      ? []
      : [term('Figures of comparisons and sweeps', label, definition, path)],
  ),
  ...costs.map(({ heading, definition }) =>
    term('Figures of comparisons and sweeps', heading, definition),
  ),
  ...OWN.slice(5),
  ...TOLD_KEYS.map((key) => {
    const usual = usualOf(key)
    const end = usual === '' ? '.' : ` (default: ${usual}).`
    const { meaning, label = key } = entryOf(key)
    return term('Keys of a scenario', flagOf(key), capitalised(meaning) + end, key, label)
  }),
])

function unique(terms: readonly Term[]): readonly Term[] {
  const names = terms.map(({ name }) => name.toLowerCase())
  return terms.filter((_, index) => names.indexOf(names[index] ?? '') === index)
}

/** What a term means; of several whose names have all its words, each. Empty where there is none. */
export function explain(wanted: string): readonly Term[] {
  const name = bare(wanted)
  if (name === '') return []
  const named = GLOSSARY.filter((one) => bare(one.name) === name)
  if (named.length > 0) return named
  const called = GLOSSARY.filter(({ aliases }) => aliases.some((alias) => bare(alias) === name))
  if (called.length > 0) return called
  const words = name.split(' ')
  return GLOSSARY.filter((one) => {
    const known = bare(one.name).split(' ')
    return words.every((word) => known.includes(word))
  })
}

/** The term that a misspelt one most likely meant. */
export function meantTerm(wanted: string): string | null {
  const near = suggest(
    wanted,
    GLOSSARY.flatMap(({ name, aliases }) => [name, ...aliases]),
  )
  return near === null ? null : near.replace(/^--/, '')
}

/** In lower case, with one space between its words. */
function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.%]+/gu, ' ')
    .trim()
}
