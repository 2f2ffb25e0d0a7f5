import { POLL_KEYS } from '../poll-dialect.ts'
import { poller } from '../polling-client.ts'
import type { Transport } from '../transport.ts'
import { PollSlots } from './slots.ts'

const PATH = '/poll?channel={channel}'

export const shortPoll: Transport = {
  name: 'short-poll',
  otherNames: ['short-polling', 'polling', 'poll'],
  label: 'Short polling',
  traits: {
    direction: 'client pull',
    latency: 'poll interval',
    connectionsHeld: 'none',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'lowest',
    complexityGrade: 0,
    bestFor: 'infrequent updates',
    scaling: 'stateless, one log',
    bidirectional: false,
    keepsInterval: true,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  hue: { light: '#b4520a', dark: '#f0975a', dash: [] },
  hasExchanges: true,
  endpointKeys: POLL_KEYS,
  deadlineMs: (pace) => pace.timeoutMs,
  worstCaseMs: (pace) => pace.intervalMs + pace.timeoutMs,
  mount: async (...side) => (await import('../polling-server.ts')).mountShortPoll(...side),
  open: poller(PATH, PollSlots),
  openWithLibrary: async () =>
    (await import('../library-polling-client.ts')).libraryPoller(PATH, PollSlots),
}
