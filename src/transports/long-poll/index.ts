import { POLL_KEYS } from '../poll-dialect.ts'
import { poller } from '../polling-client.ts'
import type { Transport } from '../transport.ts'
import { Holds } from './holds.ts'

const PATH = '/long-poll?channel={channel}&hold={hold}'

export const longPoll: Transport = {
  name: 'long-poll',
  otherNames: ['long-polling'],
  label: 'Long polling',
  traits: {
    direction: 'client pull',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'low',
    complexityGrade: 1,
    bestFor: 'fallback, constrained environments',
    scaling: 'one log',
    bidirectional: false,
    keepsInterval: false,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  hue: { light: '#7b4bb8', dark: '#c3a1f2', dash: [8, 3] },
  hasExchanges: true,
  endpointKeys: [...POLL_KEYS, 'first'],
  deadlineMs: (pace) => pace.timeoutMs + pace.holdMs,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (...side) => (await import('../polling-server.ts')).mountLongPoll(...side),
  open: poller(PATH, Holds),
  openWithLibrary: async () =>
    (await import('../library-polling-client.ts')).libraryPoller(PATH, Holds),
}
