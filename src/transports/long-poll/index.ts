import { POLL_KEYS } from '../poll-dialect.ts'
import type { Transport } from '../transport.ts'
import { LongPollClient } from './client.ts'

export const longPoll: Transport = {
  name: 'long-poll',
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
    bidirectional: false,
    keepsInterval: false,
    needsUpgrade: false,
    streams: false,
    needsModernBrowser: false,
  },
  hue: { light: '#7b4bb8', dark: '#c3a1f2', dash: [8, 3] },
  hasExchanges: true,
  endpointKeys: [...POLL_KEYS, 'first'],
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (front, hub, meter) => {
    const { mountLongPoll } = await import('./server.ts')
    mountLongPoll(front, hub, meter)
  },
  open: (target, session) => new LongPollClient(target, session),
  openWithLibrary: async () => {
    const { LongPollLibraryClient } = await import('./library-client.ts')
    return (target, session) => new LongPollLibraryClient(target, session)
  },
}
