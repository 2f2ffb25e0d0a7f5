import type { ScenarioKey } from './keys.ts'

/** Under which heading a key is told. */
export const KEY_GROUPS = [
  'What happens',
  'How long',
  'The techniques',
  'The machine',
  "Somebody else's server",
  'The result',
] as const

type KeyGroup = (typeof KEY_GROUPS)[number]

/** What is told of a key, wherever it is told: help, JSON Schema, the commented sample, docs. */
export interface KeyNote {
  readonly group: KeyGroup
  /** What its value is called after a flag, `count`; null where no flag can say it. */
  readonly value: string | null
  /** One line, without a full stop. */
  readonly meaning: string
  /** As a file writes it; null where no value is usual. */
  readonly usual: string | number | null
  /** The usual in words, where a value alone would not tell. */
  readonly usualWords?: string
  /** Values that a file may give, beside the usual. */
  readonly examples: readonly unknown[]
}

/** In the order in which they are told. */
export const KEY_NOTES: Readonly<Record<ScenarioKey, KeyNote>> = {
  transport: {
    group: 'What happens',
    value: 'names',
    meaning: 'comma-separated names, or all',
    usual: 'all',
    examples: ['sse', 'sse,websocket', ['sse', 'websocket']],
  },
  clients: {
    group: 'What happens',
    value: 'count',
    meaning: 'virtual clients per transport, such as 500 or 10k',
    usual: 1000,
    examples: ['10k', 500],
  },
  channels: {
    group: 'What happens',
    value: 'count',
    meaning: 'per-client, or a number; 1 is a broadcast',
    usual: 100,
    usualWords: '100, of fewer clients per-client',
    examples: ['broadcast', 'per-client'],
  },
  rate: {
    group: 'What happens',
    value: 'events',
    meaning: 'events per second and channel, such as 0.1 or 6/min',
    usual: 0.2,
    examples: ['6/min', '1/100s', 1],
  },
  arrivals: {
    group: 'What happens',
    value: 'kind',
    meaning: 'poisson or constant',
    usual: 'poisson',
    examples: ['constant'],
  },
  payload: {
    group: 'What happens',
    value: 'bytes',
    meaning: "bytes of an event's data, such as 4KiB",
    usual: 128,
    examples: ['4KiB', 1000],
  },
  sweep: {
    group: 'What happens',
    value: 'key=values',
    meaning: 'measure at each value of a key, such as interval=500ms,1s,2s',
    usual: 'none',
    examples: ['interval=500ms,1s,2s,5s', { rate: ['1/100s', 0.1, 1, 10] }],
  },
  duration: {
    group: 'How long',
    value: 'time',
    meaning: 'steady window, such as 30s',
    usual: '10s',
    examples: ['30s', '2m'],
  },
  warmup: {
    group: 'How long',
    value: 'time',
    meaning: 'published but not measured before it',
    usual: '3s',
    usualWords: '3s, at most half of the duration',
    examples: ['500ms', 0],
  },
  rampUp: {
    group: 'How long',
    value: 'time',
    meaning: 'spread connecting over this time',
    usual: 'auto',
    examples: ['5s'],
  },
  repeat: {
    group: 'How long',
    value: 'count',
    meaning: 'repetitions of every transport',
    usual: 1,
    examples: [5],
  },
  interval: {
    group: 'The techniques',
    value: 'time',
    meaning: "the short poller's interval; 0 asks at once",
    usual: '1s',
    examples: ['500ms', 0],
  },
  hold: {
    group: 'The techniques',
    value: 'time',
    meaning: 'longest that a long poll is held',
    usual: '30s',
    examples: ['5s'],
  },
  engine: {
    group: 'The techniques',
    value: 'kind',
    meaning: 'lean, or library: clients on undici and ws',
    usual: 'lean',
    examples: ['library'],
  },
  instances: {
    group: 'The machine',
    value: 'count',
    meaning: 'server processes',
    usual: 'auto',
    examples: [2],
  },
  workers: {
    group: 'The machine',
    value: 'count',
    meaning: 'swarm processes',
    usual: 'auto',
    examples: [2],
  },
  backplane: {
    group: 'The machine',
    value: 'name',
    meaning: 'what carries events between instances',
    usual: 'memory',
    examples: [],
  },
  url: {
    group: "Somebody else's server",
    value: 'url',
    meaning: 'measure a server that is running already: a reference server, or a target',
    usual: null,
    usualWords: 'an own server',
    examples: ['http://127.0.0.1:8080'],
  },
  target: {
    group: "Somebody else's server",
    value: null,
    meaning: 'how to speak to the server at url, when it is no reference server: docs/targets.md',
    usual: null,
    usualWords: 'a reference server',
    examples: [
      {
        publish: { path: '/publish/{channel}', body: '{data}' },
        sse: { path: '/events/{channel}' },
      },
    ],
  },
  name: {
    group: 'The result',
    value: 'name',
    meaning: 'name of the result',
    usual: null,
    usualWords: "the file's name, or transports and clients",
    examples: ['nightly'],
  },
  description: {
    group: 'The result',
    value: null,
    meaning: 'what the scenario is about, kept in the result',
    usual: null,
    usualWords: 'none',
    examples: ['1,000 clients on one channel'],
  },
  threshold: {
    group: 'The result',
    value: 'condition',
    meaning: "such as 'p99<200ms'; repeatable",
    usual: null,
    usualWords: 'none',
    examples: ['p99<200ms', ['lost==0', 'p99<200ms']],
  },
  seed: {
    group: 'The result',
    value: 'number',
    meaning: 'of the schedule and all phases',
    usual: null,
    usualWords: 'random, printed',
    examples: [1],
  },
}

/** All keys in the order in which they are told. */
export const TOLD_KEYS = Object.keys(KEY_NOTES) as readonly ScenarioKey[]

/** `10s`, `random, printed`: what counts where nobody says anything. */
export function usualOf(key: ScenarioKey): string {
  const { usual, usualWords } = KEY_NOTES[key]
  return usualWords ?? String(usual)
}
