import { POLL_KEYS } from '../poll-dialect.ts'
import type { Transport } from '../transport.ts'
import { ShortPollClient } from './client.ts'

export const shortPoll: Transport = {
  name: 'short-poll',
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
    bidirectional: false,
    keepsInterval: true,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  hue: { light: '#b4520a', dark: '#f0975a', dash: [] },
  hasExchanges: true,
  endpointKeys: POLL_KEYS,
  worstCaseMs: (pace) => pace.intervalMs + pace.timeoutMs,
  mount: async (front, hub, meter) => {
    const { mountShortPoll } = await import('./server.ts')
    mountShortPoll(front, hub, meter)
  },
  open: (target, session) => new ShortPollClient(target, session),
  openWithLibrary: async () => {
    const { ShortPollLibraryClient } = await import('./library-client.ts')
    return (target, session) => new ShortPollLibraryClient(target, session)
  },
}
